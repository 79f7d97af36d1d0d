/// How a training runs.
package struct TrainingOptions: Sendable {
  package var epochs: Int
  package var batchSize: Int
  /// Seeds the order of the examples and random operators such as dropout.
  package var seed: UInt64
  package var schedule: LearningRateSchedule
  /// Steps that count as an epoch; one pass over the examples when `nil`.
  package var stepsPerEpoch: Int?
  package var earlyStopping: EarlyStopping?
  package var checkpoints: CheckpointPolicy?
  /// Threads that the engine may use.
  package var threads: Int
  /// Examples in one batch of an evaluation.
  package var evaluationBatchSize: Int
  /// Called between mini-batches and within long ones, by evaluations too: training in the background lets others go first there.
  package var yield: (@Sendable () -> Void)?

  package init(
    epochs: Int,
    batchSize: Int,
    seed: UInt64 = 0,
    schedule: LearningRateSchedule,
    stepsPerEpoch: Int? = nil,
    earlyStopping: EarlyStopping? = nil,
    checkpoints: CheckpointPolicy? = nil,
    threads: Int = 1,
    evaluationBatchSize: Int = 500,
    yield: (@Sendable () -> Void)? = nil
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.seed = seed
    self.schedule = schedule
    self.stepsPerEpoch = stepsPerEpoch
    self.earlyStopping = earlyStopping
    self.checkpoints = checkpoints
    self.threads = threads
    self.evaluationBatchSize = evaluationBatchSize
    self.yield = yield
  }

  /// Refuses numbers that make no sense.
  func validate() throws(TrainingError) {
    for (name, value) in [
      ("epochs", epochs), ("batch size", batchSize), ("threads", threads),
      ("evaluation batch size", evaluationBatchSize), ("steps per epoch", stepsPerEpoch ?? 1),
      ("checkpoint interval", checkpoints?.everySteps ?? 1),
    ] where value < 1 {
      throw .option("\(name) is \(value); it must be at least 1")
    }
  }
}

/// Ends a training that no longer improves on the validation examples.
package struct EarlyStopping: Sendable, Hashable {
  package enum Monitor: Sendable { case loss, accuracy }

  package var monitor: Monitor
  /// Epochs without improvement after which training ends.
  package var patience: Int
  /// Smaller improvements do not count.
  package var minimumChange: Double
  /// At the end, variables get their values of the best epoch back.
  package var restoresBest: Bool

  package init(
    monitor: Monitor = .loss,
    patience: Int,
    minimumChange: Double = 0,
    restoresBest: Bool = true
  ) {
    self.monitor = monitor
    self.patience = patience
    self.minimumChange = minimumChange
    self.restoresBest = restoresBest
  }

  /// The monitored number, larger is better.
  func score(of metrics: EvaluationMetrics) -> Double {
    switch monitor {
    case .loss: -metrics.loss
    case .accuracy: metrics.accuracy ?? -metrics.loss
    }
  }
}

/// When and where the whole state of a training is saved.
package struct CheckpointPolicy: Sendable, Hashable {
  package var path: String
  /// Steps between two checkpoints; each also falls on the end of an epoch when `nil`.
  package var everySteps: Int?
  /// Seconds that at least lie between two checkpoints: short epochs are not worth one each.
  ///
  /// When a stop is requested there is always one.
  package var minimumSeconds: Double

  package init(path: String, everySteps: Int? = nil, minimumSeconds: Double = 0) {
    self.path = path
    self.everySteps = everySteps
    self.minimumSeconds = minimumSeconds
  }
}
