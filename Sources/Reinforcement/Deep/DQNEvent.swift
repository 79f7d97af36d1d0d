package import Tensors
package import Training

/// What a deep Q-learning tells while it runs.
package enum DQNEvent: Sendable {
  /// An episode with exploration came to its end.
  case episode(number: Int, step: Int, reward: Double)
  case evaluation(DQNCurvePoint)
  case checkpoint(path: String, step: Int)
}

/// A point of the learning curve.
package struct DQNCurvePoint: Sendable, Equatable {
  /// Steps in the environment so far.
  package var step: Int
  /// Over the episodes of an evaluation, played greedily.
  package var meanReturn: Double
  /// Over the updates since the evaluation before.
  package var loss: Double
  /// Whether the network of this moment was kept as the best one.
  package var isBest: Bool

  package init(step: Int, meanReturn: Double, loss: Double, isBest: Bool) {
    self.step = step
    self.meanReturn = meanReturn
    self.loss = loss
    self.isBest = isBest
  }
}

/// What came of a deep Q-learning.
package struct DQNReport: Sendable {
  package var end: TrainingReport.End
  package var steps: Int
  package var episodes: Int
  package var updates: Int
  /// Every evaluation since the very beginning.
  package var curve: [DQNCurvePoint]
  /// The mean return of the kept network over the confirming episodes, where there was an evaluation.
  package var bestReturn: Double?
  /// The kept network's weights by name: the best by evaluation, or the last ones.
  package var weights: [String: Tensor]
}
