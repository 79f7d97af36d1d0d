/// What the metrics events of a job add up to: curves over the steps, and the latest number of each kind.
package struct TrainingCurves: Sendable {
  /// Numbers over steps, the steps rising.
  package struct Curve: Sendable {
    package private(set) var points: [(x: Double, y: Double)] = []

    /// Points that are kept; when there are more, every second one is dropped.
    package static let pointCountMax = 4096

    /// Adds a point.
    ///
    /// Later ones that are there already are forgotten: a job that goes on from a checkpoint, and a stream that is
    /// opened again, repeat steps.
    mutating func append(_ step: Int, _ value: Double) {
      while let last = points.last, last.x >= Double(step) { points.removeLast() }
      points.append((Double(step), value))
      guard points.count > Self.pointCountMax else { return }
      // The newest stays.
      let parity = (points.count - 1) % 2
      points = points.enumerated().filter { $0.offset % 2 == parity }.map(\.element)
    }
  }

  package private(set) var trainLoss = Curve()
  package private(set) var validLoss = Curve()
  package private(set) var validAccuracy = Curve()
  /// The latest number of each kind.
  package private(set) var latest = TrainingMetrics()

  package init() {}

  /// Takes in the numbers of one event; those without a step belong to the last one.
  package mutating func fold(_ metrics: TrainingMetrics) {
    func newest<Number>(_ path: WritableKeyPath<TrainingMetrics, Number?>) {
      if let number = metrics[keyPath: path] { latest[keyPath: path] = number }
    }
    newest(\.step)
    newest(\.epoch)
    newest(\.trainLoss)
    newest(\.trainAccuracy)
    newest(\.validLoss)
    newest(\.validAccuracy)
    newest(\.learningRate)
    newest(\.examplesPerSecond)
    newest(\.secondsLeft)
    guard let step = latest.step else { return }
    if let loss = metrics.trainLoss { trainLoss.append(step, loss) }
    if let loss = metrics.validLoss { validLoss.append(step, loss) }
    if let accuracy = metrics.validAccuracy { validAccuracy.append(step, accuracy) }
  }

  /// What is drawn below the training loss: the accuracy on the held-out examples, or their loss where there is none.
  package var validation: (name: String, curve: Curve)? {
    if !validAccuracy.points.isEmpty { return ("validation accuracy", validAccuracy) }
    return validLoss.points.isEmpty ? nil : ("validation loss", validLoss)
  }
}
