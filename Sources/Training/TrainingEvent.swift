import Synchronization

/// What a training tells while it runs.
package enum TrainingEvent: Sendable {
  case step(StepProgress)
  case epoch(EpochReport)
  case checkpoint(path: String, step: Int)
}

/// The state after one mini-batch.
package struct StepProgress: Sendable {
  /// Counted from 1.
  package var epoch: Int
  package var epochs: Int
  /// Within the epoch, counted from 1.
  package var batch: Int
  package var batches: Int
  /// Of this batch.
  package var loss: Float
  /// Running mean in this epoch, where right answers are counted.
  package var accuracy: Double?
  package var learningRate: Float
  /// Tokens a second where the batches' losses are by token.
  package var examplesPerSecond: Double
  /// Until the last epoch's end.
  package var secondsLeft: Double

  package init(
    epoch: Int,
    epochs: Int,
    batch: Int,
    batches: Int,
    loss: Float,
    accuracy: Double?,
    learningRate: Float,
    examplesPerSecond: Double,
    secondsLeft: Double
  ) {
    self.epoch = epoch
    self.epochs = epochs
    self.batch = batch
    self.batches = batches
    self.loss = loss
    self.accuracy = accuracy
    self.learningRate = learningRate
    self.examplesPerSecond = examplesPerSecond
    self.secondsLeft = secondsLeft
  }
}

/// Loss and accuracy over a set of examples.
package struct EvaluationMetrics: Sendable, Equatable {
  package var loss: Double
  /// `nil` where right answers are not counted.
  package var accuracy: Double?
  /// Examples, or tokens where the batches' losses are by token.
  package var count: Int

  package init(loss: Double, accuracy: Double?, count: Int) {
    self.loss = loss
    self.accuracy = accuracy
    self.count = count
  }
}

/// What came of an epoch.
package struct EpochReport: Sendable, Equatable {
  /// Counted from 1.
  package var epoch: Int
  package var training: EvaluationMetrics
  package var validation: EvaluationMetrics?
  package var seconds: Double
  /// The best so far by the early-stopping monitor (always true without early stopping).
  package var isBest: Bool

  package init(
    epoch: Int,
    training: EvaluationMetrics,
    validation: EvaluationMetrics?,
    seconds: Double,
    isBest: Bool
  ) {
    self.epoch = epoch
    self.training = training
    self.validation = validation
    self.seconds = seconds
    self.isBest = isBest
  }
}

/// How a training ended.
package struct TrainingReport: Sendable {
  package enum End: Sendable, Equatable { case finished, stoppedEarly, stoppedOnRequest }

  package var end: End
  /// Epochs completed in this run, in order.
  package var epochs: [EpochReport]
  /// The epoch whose variables are kept, counted from 1.
  package var bestEpoch: Int?
  /// Steps done since the very beginning.
  package var steps: Int
}

/// Asks a running training to stop after its present step, from any thread.
package final class TrainingControl: Sendable {
  private let flag = Atomic<Bool>(false)

  package init() {}

  package func requestStop() { flag.store(true, ordering: .relaxed) }
  package var isStopRequested: Bool { flag.load(ordering: .relaxed) }

  /// - Throws: `TrainingError.stopped` after `requestStop`.
  package func throwIfStopped() throws(TrainingError) {
    if isStopRequested { throw .stopped }
  }
}
