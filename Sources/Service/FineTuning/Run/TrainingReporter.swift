import Jobs
import Training

/// Writes the numbers of a training as events of its job: some steps, and every epoch.
///
/// After a resume steps are trained again that an earlier attempt has told of already; they are not told twice.
final class TrainingReporter {
  private let context: JobContext
  /// Nanoseconds between two events about steps.
  private let interval: UInt64
  private var lastEvent: UInt64 = 0
  private let totalSteps: Int
  private let stepsPerEpoch: Int
  private let epochs: Int
  /// Epochs between two that are told of; the last one always is.
  private let epochInterval: Int
  /// Steps and epochs up to these were told.
  private var toldStep = 0
  private var toldEpoch = 0

  /// - Parameters:
  ///   - context: the job's.
  ///   - earlier: the job's events so far.
  ///   - stepsPerEpoch: mini-batches in an epoch.
  ///   - epochs: of the whole training.
  ///   - seconds: between two events about single steps, at least.
  init(
    _ context: JobContext,
    earlier: [JobEvent],
    stepsPerEpoch: Int,
    epochs: Int,
    seconds: Double
  ) {
    self.context = context
    self.stepsPerEpoch = stepsPerEpoch
    self.epochs = epochs
    epochInterval = max(1, epochs / Self.epochEventsMax)
    totalSteps = stepsPerEpoch * epochs
    interval = UInt64(max(seconds, 0) * 1e9)
    for event in earlier where event.content.kind == .metrics {
      guard let data = try? event.content.data.withUnsafeBytes({ try JSONValueReader.read($0) }),
        let step = data["step"]?.whole
      else { continue }
      toldStep = max(toldStep, step)
      if data["epoch_end"] == .bool(true), let epoch = data["epoch"]?.whole {
        toldEpoch = max(toldEpoch, epoch)
      }
    }
  }

  /// About as many epochs of one job are told of: its log has a limit.
  static let epochEventsMax = 1000

  /// Tells of what a training tells.
  func report(_ event: TrainingEvent) throws {
    switch event {
    case .step(let progress): try report(progress)
    case .epoch(let epoch): try report(epoch)
    case .checkpoint(_, let step):
      // A mark is progress: a job that gets on is not given up, however often the server dies.
      try context.mark("checkpoint_step", Array(String(step).utf8))
    }
  }

  private func report(_ progress: StepProgress) throws {
    let step = (progress.epoch - 1) * stepsPerEpoch + progress.batch
    let isEpochEnd = progress.batch == progress.batches
    let now = MonotonicClock.now()
    guard step > toldStep, !isEpochEnd, now - lastEvent >= interval else { return }
    toldStep = step
    lastEvent = now
    let loss = Double(progress.loss)
    try context.emit(
      .init(
        "Step \(step)/\(totalSteps): training loss=\(Self.short(loss))",
        kind: .metrics,
        data: JSONValue.object([
          .init("step", JSONValue(step)),
          .init("total_steps", JSONValue(totalSteps)),
          .init("epoch", JSONValue(progress.epoch)),
          .init("epochs", JSONValue(progress.epochs)),
          .init("train_loss", JSONValue(loss)),
          .init("train_accuracy", JSONValue(progress.accuracy)),
          .init("learning_rate", JSONValue(Double(progress.learningRate))),
          .init("examples_per_second", JSONValue(progress.examplesPerSecond.rounded())),
          .init("seconds_left", JSONValue((progress.secondsLeft * 10).rounded() / 10)),
        ]).bytes
      )
    )
  }

  private func report(_ epoch: EpochReport) throws {
    guard epoch.epoch > toldEpoch, epoch.epoch % epochInterval == 0 || epoch.epoch == epochs else {
      return
    }
    toldEpoch = epoch.epoch
    let step = epoch.epoch * stepsPerEpoch
    toldStep = max(toldStep, step)
    var message = "Epoch \(epoch.epoch): training loss=\(Self.short(epoch.training.loss))"
    if let validation = epoch.validation {
      message += ", validation loss=\(Self.short(validation.loss))"
      if let accuracy = validation.accuracy {
        message += ", validation accuracy=\(Self.short(accuracy))"
      }
    }
    try context.emit(
      .init(
        message,
        kind: .metrics,
        data: JSONValue.object([
          .init("step", JSONValue(step)),
          .init("total_steps", JSONValue(totalSteps)),
          .init("epoch", JSONValue(epoch.epoch)),
          .init("epoch_end", .bool(true)),
          .init("train_loss", JSONValue(epoch.training.loss)),
          .init("train_accuracy", JSONValue(epoch.training.accuracy)),
          .init("valid_loss", JSONValue(epoch.validation?.loss)),
          .init("valid_accuracy", JSONValue(epoch.validation?.accuracy)),
          .init("seconds", JSONValue((epoch.seconds * 1000).rounded() / 1000)),
        ]).bytes
      )
    )
  }

  /// Four digits behind the point.
  static func short(_ number: Double) -> String {
    number.isFinite ? ((number * 10_000).rounded() / 10_000).description : number.description
  }
}
