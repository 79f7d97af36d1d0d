import Dispatch
import Jobs
import Synchronization
import TestSupport
import Testing

@Suite struct JobWorkerTests {
  /// What the payload's first byte says.
  private struct Executor: JobExecutor {
    static let fail: UInt8 = 1
    static let wait: UInt8 = 2
    static let throwOther: UInt8 = 3
    static let largeResult: UInt8 = 4
    static let badFiles: UInt8 = 5

    struct Surprise: Error {}

    /// Signalled when a job runs.
    let started = DispatchSemaphore(value: 0)

    func validate(_ job: JobRecord, _ context: JobContext) throws {
      if job.payload.first == Self.badFiles {
        throw JobFailure(code: "invalid_training_file", message: "row 1", param: "training_file")
      }
    }

    func run(_ job: JobRecord, _ context: JobContext) throws -> [UInt8] {
      try context.emit(.init("begun"))
      started.signal()
      switch job.payload.first {
      case Self.fail: throw JobFailure(code: "diverged", message: "loss is not finite")
      case Self.throwOther: throw Surprise()
      case Self.largeResult: return Array(repeating: 0, count: 2 << 20)
      case Self.wait:
        if try context.mark("stopped") != nil { return [2] }
        while !context.isStopRequested { DispatchSemaphore(value: 0).briefly() }
        try context.mark("stopped", [1])
        throw JobInterruption()
      default: return job.payload
      }
    }
  }

  /// Waits until a job has ended or stands still, by its observer.
  private func wait(
    _ queue: JobQueue,
    _ id: String,
    until isDone: @escaping (JobRecord) -> Bool
  ) throws -> JobRecord {
    let changed = DispatchSemaphore(value: 0)
    let subscription = queue.observe(id) { changed.signal() }
    defer { withExtendedLifetime(subscription) {} }
    while true {
      let job = try queue.job(id)
      if isDone(job) { return job }
      changed.wait()
    }
  }

  @Test func jobsAreValidatedRunAndEnded() throws {
    var limits = JobLimits()
    limits.concurrency = 2
    let queue = try JobQueue.opened(MemoryJobStore(), limits)
    let roles = Mutex<[JobWorker.Role]>([])
    let worker = JobWorker(queue, executor: Executor()) { role in
      roles.withLock { $0.append(role) }
    }
    let early = try queue.submit(group: "early", payload: [9])
    try worker.start()
    let expected: [(UInt8, String?)] = [
      (Executor.fail, "diverged"), (Executor.throwOther, "internal_error"),
      (Executor.largeResult, "result_too_large"), (Executor.badFiles, "invalid_training_file"),
      (7, nil),
    ]
    for (payload, code) in expected {
      let id = try queue.submit(group: "a", payload: [payload]).id
      let job = try wait(queue, id) { $0.status.isFinal }
      #expect(job.failure?.code == code)
      #expect(job.result == (code == nil ? [payload] : nil))
    }
    #expect(try wait(queue, early.id) { $0.status.isFinal }.result == [9])
    worker.shutdown()
    let seen = roles.withLock { $0 }
    #expect(seen.count == 3)
    #expect([.validation, .run(0), .run(1)].allSatisfy(seen.contains))
  }

  @Test func runningJobsArePausedResumedAndCancelled() throws {
    let queue = try JobQueue.opened(MemoryJobStore())
    let executor = Executor()
    let worker = JobWorker(queue, executor: executor)
    try worker.start()
    let paused = try queue.submit(group: "a", payload: [Executor.wait]).id
    executor.started.wait()
    _ = try queue.pause(paused)
    #expect(try wait(queue, paused) { $0.status == .paused }.attempt == 1)
    _ = try queue.resume(paused)
    #expect(try wait(queue, paused) { $0.status.isFinal }.result == [2])
    executor.started.wait()
    let cancelled = try queue.submit(group: "a", payload: [Executor.wait]).id
    executor.started.wait()
    _ = try queue.cancel(cancelled)
    #expect(try wait(queue, cancelled) { $0.status.isFinal }.status == .cancelled)
    worker.shutdown()
  }

  @Test func aShutdownLeavesTheJobForTheNextStart() throws {
    let store = try MemoryJobStore()
    let executor = Executor()
    let id: String
    do {
      let queue = try JobQueue.opened(store)
      let worker = JobWorker(queue, executor: executor)
      try worker.start()
      id = try queue.submit(group: "a", payload: [Executor.wait]).id
      executor.started.wait()
      worker.shutdown()
      #expect(try queue.job(id).status == .queued)
    }
    let queue = try JobQueue.opened(MemoryJobStore(store.disk))
    let worker = JobWorker(queue, executor: executor)
    try worker.start()
    #expect(try wait(queue, id) { $0.status.isFinal }.result == [2])
    worker.shutdown()
  }
}

extension DispatchSemaphore {
  /// Lets other threads run.
  fileprivate func briefly() { _ = wait(timeout: .now() + .microseconds(200)) }
}
