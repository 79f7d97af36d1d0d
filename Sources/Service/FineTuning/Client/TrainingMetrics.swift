/// The numbers of one metrics event of a job; what a server does not send is nil.
package struct TrainingMetrics: Equatable, Sendable {
  package var step: Int?
  package var epoch: Int?
  package var trainLoss: Double?
  package var trainAccuracy: Double?
  package var validLoss: Double?
  package var validAccuracy: Double?
  package var learningRate: Double?
  package var examplesPerSecond: Double?
  package var secondsLeft: Double?

  package init() {}

  /// Reads an event's `data`.
  package init(_ data: JSONValue) {
    step = data["step"]?.whole
    epoch = data["epoch"]?.whole
    trainLoss = data["train_loss"]?.double
    trainAccuracy = data["train_accuracy"]?.double
    validLoss = data["valid_loss"]?.double
    validAccuracy = data["valid_accuracy"]?.double
    learningRate = data["learning_rate"]?.double
    examplesPerSecond = data["examples_per_second"]?.double
    secondsLeft = data["seconds_left"]?.double
  }

  /// Whether the held-out examples were looked at.
  package var isValidated: Bool { validLoss != nil || validAccuracy != nil }
}
