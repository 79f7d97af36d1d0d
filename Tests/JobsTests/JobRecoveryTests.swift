@testable import Jobs
import TestSupport
import Testing

@Suite struct JobRecoveryTests {
  private func reopened(
    _ store: MemoryJobStore,
    _ limits: JobLimits = JobLimits()
  ) throws -> (JobQueue, MemoryJobStore) {
    let store = try MemoryJobStore(store.disk)
    return (try JobQueue.opened(store, limits, seed: 2), store)
  }

  @Test func aRunningJobIsQueuedAgainWithItsMarks() throws {
    let store = try MemoryJobStore()
    let job = try JobQueue.opened(store).submitReady()
    let first = try JobQueue.opened(store)
    let context = try #require(try first.takeForRun())
    try context.mark("epoch", [3])
    let (queue, _) = try reopened(store)
    let record = try queue.job(job.id)
    #expect(record.status == .queued)
    #expect(record.attempt == 2)
    #expect(record.marks == ["epoch": [3]])
    let last = try #require(try queue.events(of: job.id, limit: 9).events.last)
    #expect(last.content.message == "The job is resumed after interruption (attempt 2)")
    #expect(last.content.level == .warn)
    #expect(try queue.takeForRun()?.mark("epoch") == [3])
  }

  @Test func aJobThatNeverMakesProgressFails() throws {
    var limits = JobLimits()
    limits.attemptsWithoutProgress = 3
    var store = try MemoryJobStore()
    var queue = try JobQueue.opened(store, limits)
    let stuck = try queue.submitReady()
    for attempt in 1...3 {
      let context = try #require(try queue.takeForRun())
      #expect(context.job.attempt == attempt)
      // The same value again is no progress.
      if attempt > 1 { #expect(try context.mark("version") == [1]) }
      if attempt > 1 { try context.mark("version", [1]) }
      if attempt == 1 {
        try context.mark("version", [1])
      }
      (queue, store) = try reopened(store, limits)
    }
    #expect(try queue.job(stuck.id).failure?.code == "interrupted_too_often")
  }

  @Test func progressStartsTheCountAnew() throws {
    var limits = JobLimits()
    limits.attemptsWithoutProgress = 2
    var store = try MemoryJobStore()
    var queue = try JobQueue.opened(store, limits)
    let job = try queue.submitReady()
    for epoch in 1...10 as ClosedRange<UInt8> {
      try #require(try queue.takeForRun()).mark("epoch", [epoch])
      (queue, store) = try reopened(store, limits)
    }
    #expect(try queue.job(job.id).status == .queued)
    #expect(try queue.job(job.id).attempt == 11)
  }

  @Test func aValidationThatCrashesTheProcessFailsTheJob() throws {
    var limits = JobLimits()
    limits.attemptsWithoutProgress = 2
    var store = try MemoryJobStore()
    var queue = try JobQueue.opened(store, limits)
    let job = try queue.submit(group: "a", payload: [])
    for _ in 0..<2 {
      _ = try #require(try queue.takeForValidation())
      (queue, store) = try reopened(store, limits)
    }
    #expect(try queue.job(job.id).failure?.code == "interrupted_too_often")
  }

  @Test func whatWasAskedOfARunningJobIsDoneAtTheStart() throws {
    var limits = JobLimits()
    limits.concurrency = 2
    let store = try MemoryJobStore()
    let queue = try JobQueue.opened(store, limits)
    let cancelled = try queue.submitReady("a")
    let paused = try queue.submitReady("b")
    for _ in 0..<2 { _ = try queue.takeForRun() }
    _ = try queue.cancel(cancelled.id)
    _ = try queue.pause(paused.id)
    let (again, _) = try reopened(store)
    #expect(try again.job(cancelled.id).status == .cancelled)
    #expect(try again.job(paused.id).status == .paused)
    #expect(try again.job(paused.id).attempt == 1)
  }

  @Test func aShutdownCostsNoAttempt() throws {
    let store = try MemoryJobStore()
    let queue = try JobQueue.opened(store)
    let job = try queue.submitReady()
    let context = try #require(try queue.takeForRun())
    queue.beginShutdown()
    #expect(context.stopReason == .shutdown)
    try queue.interrupted(job.id)
    #expect(try queue.takeForRun() == nil)
    _ = try queue.submitReady()
    let (again, _) = try reopened(store)
    #expect(try again.job(job.id).status == .queued)
    #expect(try again.takeForRun()?.job.attempt == 1)
    #expect(try again.list(limit: 9).jobs.count == 2)
  }

  @Test func newJobsAreNewerThanThoseFoundThere() throws {
    let store = try MemoryJobStore()
    let first = try JobQueue.opened(store).submitReady()
    let (queue, _) = try reopened(store)
    let second = try queue.submitReady()
    #expect(try queue.list(limit: 9).jobs.map(\.id) == [second.id, first.id])
  }

  @Test func anUnreadableRecordIsLeftAloneAndReported() throws {
    let store = try MemoryJobStore()
    let good = try JobQueue.opened(store).submitReady()
    var disk = store.disk
    let bad = "ftjob-" + String(repeating: "x", count: 24)
    disk.records[bad] = [1, 2, 3]
    let damaged = try MemoryJobStore(disk)
    let queue = try JobQueue.opened(damaged)
    #expect(try queue.list(limit: 9).jobs.map(\.id) == [good.id])
    #expect(queue.problems.count == 1)
    #expect(queue.problems.first?.contains(bad) == true)
    #expect(damaged.disk.records[bad] == [1, 2, 3])
  }

  /// What bit rot took from the log is lost, but the numbers stay without gaps.
  @Test func aLogThatLostMoreThanItsTailGoesOnWithoutAGap() throws {
    let store = try MemoryJobStore()
    let queue = try JobQueue.opened(store)
    let job = try queue.submitReady()
    _ = try queue.pause(job.id)
    _ = try queue.resume(job.id)
    var disk = store.disk
    disk.logs[job.id]?[20] ^= 1
    let again = try JobQueue.opened(MemoryJobStore(disk))
    let events = try again.events(of: job.id, limit: 9).events
    #expect(events.map(\.sequence) == [1])
    #expect(events.first?.content.message == "The job was resumed; it is queued")
  }
}

@Suite struct JobRecordCodingTests {
  private var record: JobRecord {
    var record = JobRecord(
      id: "ftjob-" + String(repeating: "a", count: 24),
      number: 9,
      group: "größe",
      priority: -3,
      payload: [0, 255],
      status: .failed,
      createdAt: 5
    )
    record.startedAt = 6
    record.finishedAt = -7
    record.attempt = 2
    record.failure = JobFailure(code: "c", message: "m", param: "p")
    record.marks = ["a": [], "b": [1]]
    let content = JobEvent.Content("x", level: .warn, kind: .metrics, data: [1])
    record.outbox = [JobEvent(jobID: record.id, sequence: 4, createdAt: 8, content: content)]
    return record
  }

  @Test func recordsComeBackAsTheyWere() throws {
    #expect(try JobRecord(record.encoded, id: record.id) == record)
    let event = try #require(record.outbox.first)
    #expect(try JobEvent(event.encoded, jobID: record.id) == event)
  }

  @Test func everyCutAndEveryFlippedByteIsAnError() {
    let bytes = record.encoded
    for position in bytes.indices {
      #expect(throws: (any Error).self) { try JobRecord(Array(bytes[..<position]), id: record.id) }
      var flipped = bytes
      flipped[position] ^= 4
      #expect(throws: (any Error).self) { try JobRecord(flipped, id: record.id) }
    }
    #expect(throws: (any Error).self) { try JobRecord(bytes, id: "ftjob-other") }
  }

  /// Behind the checksum, fields are read as strictly: nothing traps.
  @Test func mutatedFieldsAreErrorsOrRecords() throws {
    let content = try RecordSeal.open(record.encoded)
    var mutator = Mutator(seed: 5)
    var refused = 0
    for _ in 0..<2000 {
      let mutated = mutator.mutate(content)
      let sealed = mutated + RecordSeal.digest(mutated[...])
      do { _ = try JobRecord(sealed, id: record.id) } catch { refused += 1 }
      _ = try? JobEvent(mutated, jobID: record.id)
    }
    #expect(refused > 1000)
  }

  @Test func aLaterFormatIsNamed() throws {
    var bytes = try RecordSeal.open(record.encoded)
    bytes[3] = 2
    let sealed = bytes + RecordSeal.digest(bytes[...])
    do {
      _ = try JobRecord(sealed, id: record.id)
      Issue.record("read a format of the future")
    } catch {
      #expect("\(error)".contains("format 2; this program reads 1"))
    }
  }
}
