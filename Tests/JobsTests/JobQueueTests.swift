import Jobs
import TestSupport
import Testing

@Suite struct JobQueueTests {
  @Test func aJobGoesFromSubmissionToItsResult() throws {
    let queue = try JobQueue.opened(MemoryJobStore())
    let job = try queue.submit(group: "lenet5", payload: [7])
    #expect(job.status == .validatingFiles)
    #expect(JobIdentifier.isJob(job.id))
    #expect(try queue.takeForRun() == nil)
    let validation = try #require(try queue.takeForValidation())
    #expect(validation.job.id == job.id)
    #expect(try queue.takeForValidation() == nil)
    try queue.validated(job.id)
    let context = try #require(try queue.takeForRun())
    #expect(context.job.payload == [7])
    #expect(context.job.status == .running)
    #expect(context.job.attempt == 1)
    try queue.succeed(job.id, result: [8])
    let ended = try queue.job(job.id)
    #expect(ended.status == .succeeded)
    #expect(ended.result == [8])
    #expect(ended.createdAt < ended.startedAt ?? 0)
    #expect(ended.startedAt ?? 0 < ended.finishedAt ?? 0)
    #expect(queue.counts() == [.succeeded: 1])
  }

  @Test func badFilesFailTheJob() throws {
    let queue = try JobQueue.opened(MemoryJobStore())
    let job = try queue.submit(group: "lenet5", payload: [])
    _ = try queue.takeForValidation()
    let failure = JobFailure(code: "invalid_training_file", message: "row 3", param: "data")
    try queue.fail(job.id, failure)
    #expect(try queue.job(job.id).failure == failure)
    #expect(try queue.job(job.id).status == .failed)
  }

  @Test func higherPrioritiesThenOlderJobsRunFirst() throws {
    var limits = JobLimits()
    limits.concurrency = 9
    let queue = try JobQueue.opened(MemoryJobStore(), limits)
    let ids = try [("a", 0), ("b", 5), ("c", -1), ("d", 5)].map {
      try queue.submitReady($0, priority: $1).id
    }
    let order = try (0..<4).map { _ in try queue.takeForRun()?.job.id }
    #expect(order == [ids[1], ids[3], ids[0], ids[2]])
  }

  @Test func groupsAreExclusiveAndConcurrencyIsBounded() throws {
    var limits = JobLimits()
    limits.concurrency = 2
    let queue = try JobQueue.opened(MemoryJobStore(), limits)
    let first = try queue.submitReady("a")
    let second = try queue.submitReady("a")
    let other = try queue.submitReady("b")
    let third = try queue.submitReady("c")
    #expect(try queue.takeForRun()?.job.id == first.id)
    #expect(try queue.takeForRun()?.job.id == other.id)
    #expect(try queue.takeForRun() == nil)
    try queue.succeed(other.id, result: [])
    #expect(try queue.takeForRun()?.job.id == third.id)
    try queue.succeed(first.id, result: [])
    #expect(try queue.takeForRun()?.job.id == second.id)
  }

  @Test func queuedJobsArePausedResumedAndCancelledAtOnce() throws {
    let queue = try JobQueue.opened(MemoryJobStore())
    let job = try queue.submitReady()
    #expect(try queue.pause(job.id).status == .paused)
    #expect(try queue.takeForRun() == nil)
    #expect(try queue.resume(job.id).status == .queued)
    let cancelled = try queue.cancel(job.id)
    #expect(cancelled.status == .cancelled)
    #expect(cancelled.finishedAt != nil)
  }

  @Test(arguments: [JobAction.cancel, .pause])
  func runningJobsStopWhenTheirExecutorObeys(action: JobAction) throws {
    let queue = try JobQueue.opened(MemoryJobStore())
    let job = try queue.submitReady()
    let context = try #require(try queue.takeForRun())
    #expect(!context.isStopRequested)
    for _ in 0..<2 {
      let asked = try action == .cancel ? queue.cancel(job.id) : queue.pause(job.id)
      #expect(asked.status == .running)
      #expect(asked.requested?.rawValue == action.rawValue)
    }
    #expect(context.stopReason == (action == .cancel ? .cancel : .pause))
    #expect(throws: JobInterruption()) { try context.checkStop() }
    try queue.interrupted(job.id)
    #expect(try queue.job(job.id).status == (action == .cancel ? .cancelled : .paused))
    #expect(try queue.messages(job.id).count { $0.hasPrefix("Asked") } == 1)
  }

  @Test func aPauseIsTakenBackOrOutweighedByACancel() throws {
    let queue = try JobQueue.opened(MemoryJobStore())
    let job = try queue.submitReady()
    var context = try #require(try queue.takeForRun())
    _ = try queue.pause(job.id)
    #expect(try queue.resume(job.id).requested == nil)
    #expect(!context.isStopRequested)
    // The executor saw the pause before it was taken back.
    try queue.interrupted(job.id)
    #expect(try queue.job(job.id).status == .queued)
    context = try #require(try queue.takeForRun())
    _ = try queue.pause(job.id)
    _ = try queue.cancel(job.id)
    #expect(context.stopReason == .cancel)
    try queue.interrupted(job.id)
    #expect(try queue.job(job.id).status == .cancelled)
  }

  @Test func aStopThatComesTooLateHasNoEffect() throws {
    let queue = try JobQueue.opened(MemoryJobStore())
    let job = try queue.submitReady()
    _ = try queue.takeForRun()
    _ = try queue.cancel(job.id)
    try queue.succeed(job.id, result: [1])
    #expect(try queue.job(job.id).status == .succeeded)
  }

  @Test func aCancelDuringTheValidationIsObeyedAtItsEnd() throws {
    let queue = try JobQueue.opened(MemoryJobStore())
    let job = try queue.submit(group: "a", payload: [])
    let context = try #require(try queue.takeForValidation())
    #expect(try queue.cancel(job.id).status == .validatingFiles)
    #expect(context.stopReason == .cancel)
    try queue.validated(job.id)
    #expect(try queue.job(job.id).status == .cancelled)
  }

  @Test func anInterruptionThatNobodyAskedForFails() throws {
    let queue = try JobQueue.opened(MemoryJobStore())
    let job = try queue.submitReady()
    _ = try queue.takeForRun()
    try queue.interrupted(job.id)
    #expect(try queue.job(job.id).failure?.code == "interrupted_without_request")
  }

  @Test func illegalActionsNameTheStateAndWhatIsAllowed() throws {
    let queue = try JobQueue.opened(MemoryJobStore())
    let job = try queue.submitReady()
    #expect(
      throws: JobError.illegalTransition(
        id: job.id,
        action: .resume,
        status: .queued,
        allowed: [.cancel, .pause]
      )
    ) { try queue.resume(job.id) }
    #expect(throws: JobError.notActive(id: job.id, status: .queued)) {
      try queue.succeed(job.id, result: [])
    }
    _ = try queue.cancel(job.id)
    for action in [queue.cancel, queue.pause, queue.resume] {
      #expect(throws: JobError.self) { try action(job.id) }
    }
    #expect(throws: JobError.notFound(id: "x")) { try queue.cancel("x") }
    let error = JobError.illegalTransition(
      id: job.id,
      action: .pause,
      status: .paused,
      allowed: [.cancel, .resume]
    )
    #expect("\(error)".hasSuffix("it is paused; allowed: cancel, resume"))
  }

  @Test func fullQueuesAndLargeFieldsAreRefused() throws {
    var limits = JobLimits()
    limits.unfinishedJobs = 2
    limits.payloadBytes = 2
    limits.resultBytes = 2
    let queue = try JobQueue.opened(MemoryJobStore(), limits)
    #expect(throws: JobError.tooLarge(field: "payload", count: 3, limit: 2)) {
      try queue.submit(group: "a", payload: [1, 2, 3])
    }
    #expect(throws: JobError.empty(field: "group")) { try queue.submit(group: "", payload: []) }
    #expect(throws: JobError.tooLarge(field: "group", count: 129, limit: 128)) {
      try queue.submit(group: String(repeating: "g", count: 129), payload: [])
    }
    let job = try queue.submitReady()
    _ = try queue.submitReady()
    #expect(throws: JobError.queueFull(limit: 2)) { try queue.submitReady() }
    _ = try queue.takeForRun()
    #expect(throws: JobError.tooLarge(field: "result", count: 3, limit: 2)) {
      try queue.succeed(job.id, result: [1, 2, 3])
    }
    try queue.succeed(job.id, result: [])
    _ = try queue.submitReady()
  }

  @Test func pagesGoFromTheNewestToTheOldest() throws {
    let queue = try JobQueue.opened(MemoryJobStore())
    let ids = try (0..<5).map { _ in try queue.submitReady().id }
    var seen: [String] = []
    var page = try queue.list(limit: 2)
    while true {
      seen += page.jobs.map(\.id)
      guard page.hasMore else { break }
      #expect(page.jobs.count == 2)
      page = try queue.list(after: seen.last, limit: 2)
    }
    #expect(seen == ids.reversed())
    #expect(try queue.list(limit: -1).jobs == [])
    #expect(try !queue.list(limit: 5).hasMore)
    #expect(throws: JobError.notFound(id: "x")) { try queue.list(after: "x", limit: 1) }
  }

  @Test func theOldestEndedJobsGo() throws {
    var limits = JobLimits()
    limits.finishedJobs = 2
    let store = try MemoryJobStore()
    let queue = try JobQueue.opened(store, limits)
    let ids = try (0..<4).map { _ in try queue.submitReady().id }
    for id in ids.reversed() { _ = try queue.cancel(id) }
    #expect(try queue.list(limit: 9).jobs.map(\.id) == [ids[1], ids[0]])
    #expect(Set(store.disk.records.keys) == Set(ids[..<2]))
    #expect(Set(store.disk.logs.keys) == Set(ids[..<2]))
  }

  @Test func whatTheStoreCannotWriteIsNotAcknowledged() throws {
    let store = try MemoryJobStore()
    let queue = try JobQueue.opened(store)
    let job = try queue.submitReady()
    store.setFailing(true)
    #expect(throws: MemoryJobStore.Failed.self) { try queue.submitReady() }
    #expect(throws: MemoryJobStore.Failed.self) { try queue.cancel(job.id) }
    #expect(throws: MemoryJobStore.Failed.self) { try queue.takeForRun() }
    #expect(try queue.list(limit: 9).jobs == [job])
    store.setFailing(false)
    #expect(try queue.takeForRun()?.job.id == job.id)
  }
}
