import Jobs
import Synchronization
import TestSupport
import Testing

@Suite struct JobEventTests {
  @Test func eventsAreNumberedAndPagedFromAnywhere() throws {
    let queue = try JobQueue.opened(MemoryJobStore())
    let job = try queue.submitReady()
    let context = try #require(try queue.takeForRun())
    for step in 0..<5 {
      try context.emit(.init("step \(step)", kind: .metrics, data: Array("{}".utf8)))
    }
    let all = try queue.events(of: job.id, limit: 100)
    #expect(all.events.map(\.sequence) == Array(1...7))
    #expect(!all.hasMore)
    #expect(try queue.lastEvent(of: job.id) == 7)
    for start in 0...8 {
      let page = try queue.events(of: job.id, after: start, limit: 3)
      #expect(page.events == Array(all.events.dropFirst(start).prefix(3)))
      #expect(page.hasMore == (start + 3 < 7))
    }
    #expect(try queue.events(of: job.id, after: .max, limit: .max).events == [])
    #expect(try queue.events(of: job.id, after: .min, limit: .min).events == [])
  }

  @Test func anEventsIdTellsItsNumber() throws {
    let queue = try JobQueue.opened(MemoryJobStore())
    let job = try queue.submitReady()
    let event = try #require(try queue.events(of: job.id, limit: 1).events.first)
    #expect(event.id == "ftevent-" + job.id.dropFirst(6) + "-1")
    #expect(JobEvent.sequence(of: event.id, jobID: job.id) == 1)
    let prefix = String(event.id.dropLast())
    for bad in [
      "", prefix, prefix + "+1", prefix + "01", prefix + "0", event.id + "x", "ftevent-1",
    ] {
      #expect(JobEvent.sequence(of: bad, jobID: job.id) == nil, "\(bad)")
    }
  }

  @Test func observersHearOfEveryChangeUntilTheyAreDropped() throws {
    let queue = try JobQueue.opened(MemoryJobStore())
    let job = try queue.submitReady()
    let heard = Mutex<[Int]>([])
    let heardOrder = Mutex(0)
    let order = queue.observeOrder { heardOrder.withLock { $0 += 1 } }
    do {
      let subscription = queue.observe(job.id) {
        let last = (try? queue.lastEvent(of: job.id)) ?? -1
        heard.withLock { $0.append(last) }
      }
      let context = try #require(try queue.takeForRun())
      try context.emit(.init("one"))
      _ = try queue.submitReady()
      withExtendedLifetime(subscription) {}
    }
    try queue.succeed(job.id, result: [])
    #expect(heard.withLock { $0 } == [2, 3])
    #expect(heardOrder.withLock { $0 } == 3)
    withExtendedLifetime(order) {}
  }

  @Test func eventsAreBounded() throws {
    var limits = JobLimits()
    limits.eventsPerJob = 4
    limits.transitionEventsPerJob = 2
    limits.eventBytes = 60
    let queue = try JobQueue.opened(MemoryJobStore(), limits)
    let job = try queue.submitReady()
    let context = try #require(try queue.takeForRun())
    #expect(throws: JobError.tooLarge(field: "event", count: 61, limit: 60)) {
      try context.emit(.init(String(repeating: "e", count: 59), data: [1, 2]))
    }
    for step in 0..<4 { try context.emit(.init("step \(step)")) }
    let failure = JobFailure(code: "c", message: String(repeating: "é", count: 3000))
    try queue.fail(job.id, failure)
    let events = try queue.events(of: job.id, limit: 10).events
    #expect(events.count == 5)
    #expect(events[2].content.message == "step 0")
    #expect(events[3].content.level == .warn)
    #expect(events[4].content.level == .error)
    #expect(events[4].content.message.utf8.count <= 60)
    #expect(try queue.job(job.id).failure?.message.count == JobFailure.messageCharacterCountMax)
  }

  /// The record with its event is durable although the log could not be written; the event follows later.
  @Test func anEventWaitsInTheRecordWhereTheLogFails() throws {
    let store = try MemoryJobStore()
    let job = try JobQueue.opened(store).submitReady()
    // A crash between the record and the log of a pause.
    let dying = try MemoryJobStore(store.disk, fault: .init(change: 1, .before))
    let queue = try JobQueue.opened(dying)
    #expect(try queue.pause(job.id).status == .paused)
    #expect(try queue.lastEvent(of: job.id) == 1)
    let again = try JobQueue.opened(MemoryJobStore(dying.disk))
    let messages = try again.messages(job.id)
    #expect(messages == ["The job was created; it is queued", "The job was paused"])
  }

  @Test func nobodyWritesAfterTheEnd() throws {
    let queue = try JobQueue.opened(MemoryJobStore())
    let job = try queue.submitReady()
    let context = try #require(try queue.takeForRun())
    try queue.succeed(job.id, result: [])
    let error = JobError.notActive(id: job.id, status: .succeeded)
    #expect(throws: error) { try context.emit(.init("late")) }
    #expect(throws: error) { try context.mark("late", [1]) }
  }
}
