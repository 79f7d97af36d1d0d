import Jobs
import Testing

@testable import Service
@testable import Training

@Suite struct TrainingReporterTests {
  let folder = TemporaryFolder()

  /// A job that an executor has.
  func context(_ queue: JobQueue, _ group: String = "m") throws -> JobContext {
    _ = try queue.submit(group: group, payload: [1])
    let job = try #require(try queue.takeForValidation()).job
    try queue.validated(job.id)
    return try #require(try queue.takeForRun())
  }

  func queue() throws -> JobQueue {
    var limits = JobLimits()
    limits.concurrency = 2
    return try JobQueue(
      store: FileJobStore(folder: folder.path),
      limits: limits,
      now: { 0 },
      random: SystemRandomNumberGenerator()
    )
  }

  static func step(_ number: Int, of batches: Int = 4, loss: Float = 1) -> TrainingEvent {
    .step(
      StepProgress(
        epoch: (number - 1) / batches + 1,
        epochs: 3,
        batch: (number - 1) % batches + 1,
        batches: batches,
        loss: loss,
        accuracy: 0.5,
        learningRate: 0.1,
        examplesPerSecond: 10,
        secondsLeft: 1
      )
    )
  }

  static func epoch(_ number: Int) -> TrainingEvent {
    .epoch(
      EpochReport(
        epoch: number,
        training: EvaluationMetrics(loss: 0.123456, accuracy: 0.5, count: 4),
        validation: nil,
        seconds: 1,
        isBest: true
      )
    )
  }

  /// Reports all steps and epochs after `first`, as a training that goes on there does.
  func report(_ context: JobContext, _ queue: JobQueue, after first: Int, seconds: Double) throws {
    let reporter = TrainingReporter(
      context,
      earlier: try FineTuningService.allEvents(of: context.job.id, queue),
      stepsPerEpoch: 4,
      epochs: 3,
      seconds: seconds
    )
    for step in (first + 1)...12 {
      try reporter.report(Self.step(step))
      if step % 4 == 0 { try reporter.report(Self.epoch(step / 4)) }
    }
  }

  func steps(_ context: JobContext, _ queue: JobQueue) throws -> [Int] {
    try FineTuningService.allEvents(of: context.job.id, queue)
      .compactMap { EventDocument.data(of: $0)?["step"]?.whole }
  }

  @Test func stepsAreToldNowAndThenAndEpochsAlways() throws {
    let queue = try queue()
    let context = try context(queue)
    try report(context, queue, after: 0, seconds: 1e9)
    // Steps are too close to each other to be told.
    #expect(try steps(context, queue) == [4, 8, 12])
    let other = try self.context(queue, "other")
    try report(other, queue, after: 0, seconds: 0)
    // Those at the ends of epochs are told with the epoch.
    #expect(try steps(other, queue) == Array(1...12))
    let messages = try FineTuningService.allEvents(of: other.job.id, queue).map(\.content.message)
    #expect(messages.contains("Step 2/12: training loss=1.0"))
    #expect(!messages.contains { $0.hasPrefix("Step 4/12") })
    #expect(messages.contains("Epoch 1: training loss=0.1235"))
  }

  @Test func whatAnEarlierAttemptToldIsNotToldAgain() throws {
    let queue = try queue()
    for first in [0, 3, 4, 7] {
      let context = try context(queue)
      let reporter = TrainingReporter(
        context,
        earlier: [],
        stepsPerEpoch: 4,
        epochs: 3,
        seconds: 0
      )
      for step in 1...7 {
        try reporter.report(Self.step(step))
        if step == 4 { try reporter.report(Self.epoch(1)) }
      }
      try report(context, queue, after: first, seconds: 0)
      #expect(try steps(context, queue) == Array(1...12), "after \(first)")
      try queue.succeed(context.job.id, result: [])
    }
  }

  @Test func aCheckpointIsProgress() throws {
    let queue = try queue()
    let context = try context(queue)
    let reporter = TrainingReporter(
      context,
      earlier: [],
      stepsPerEpoch: 4,
      epochs: 3,
      seconds: 0
    )
    try reporter.report(.checkpoint(path: "x", step: 8))
    #expect(try context.mark("checkpoint_step") == Array("8".utf8))
  }

  @Test(arguments: [
    (0.0, "0.0"), (0.12346, "0.1235"), (-1.5, "-1.5"), (.infinity, "inf"), (.nan, "nan"),
    (1e300, "1e+300"),
  ])
  func numbersAreShort(number: Double, text: String) {
    #expect(TrainingReporter.short(number) == text)
  }
}
