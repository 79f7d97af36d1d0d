import Storage
import Synchronization

/// Jobs from their submission to their end, over a store that survives crashes.
///
/// Every change is decided by `JobRecord`'s transitions from the record, the clock and the random
/// source alone, written to the store, and only then seen and acknowledged: what a call returned is
/// durable. An event of a transition is written in one step with the record (its outbox) and
/// appended to the log next, so that the log has no gaps after a crash between the two.
///
/// Reads of jobs use memory and never wait for the disk; `events` reads the disk. Calls block: not for
/// event loops. All methods may be called from any thread.
package final class JobQueue: Sendable {
  package let limits: JobLimits
  let store: any JobStore
  let now: @Sendable () -> Int
  let observers = JobObservers()
  /// One change at a time; held while the store writes.
  let writer: Mutex<Writer>
  /// What is durable, as readers see it; never held while the store writes.
  let state: Mutex<State>

  /// What only those who change something need.
  struct Writer {
    var random: any RandomNumberGenerator & Sendable
    /// The number of the next job.
    var nextNumber: UInt64 = 1
  }

  /// The durable state, in memory.
  struct State {
    var records: [String: JobRecord] = [:]
    /// Events in each job's log.
    var eventCounts: [String: Int] = [:]
    /// The flags of the active jobs.
    var controls: [String: JobControl] = [:]
    var isShuttingDown = false
    var problems: [String] = []
  }

  /// Opens the jobs of a store: what a crash interrupted is queued again, or ended where it was asked
  /// to end or was interrupted too often.
  ///
  /// A record that cannot be read is left alone and named in `problems`.
  ///
  /// - Parameters:
  ///   - store: where the jobs are kept; no other queue may have it.
  ///   - limits: what is refused, and how much is kept.
  ///   - now: Unix seconds.
  ///   - random: where ids come from.
  /// - Throws: what the store throws.
  package init(
    store: any JobStore,
    limits: JobLimits = JobLimits(),
    now: @escaping @Sendable () -> Int,
    random: any RandomNumberGenerator & Sendable
  ) throws {
    self.store = store
    self.limits = limits
    self.now = now
    writer = Mutex(Writer(random: random))
    state = Mutex(State())
    try recover()
  }

  /// What was found damaged when the jobs were opened, as sentences for the log.
  package var problems: [String] { state.withLock { $0.problems } }

  // MARK: What clients ask

  /// Adds a job: it is validated, then queued.
  ///
  /// - Parameters:
  ///   - group: at most one job of a group runs at a time.
  ///   - priority: higher ones run first.
  ///   - payload: the specification, opaque here.
  ///   - needsValidation: false for a specification that was validated already: the job is queued at once.
  /// - Returns: the job, which is durable.
  /// - Throws: `JobError.queueFull`, `.tooLarge` or `.empty`; or what the store throws, and then
  ///   the job may still be there after a restart.
  package func submit(
    group: String,
    priority: Int = 0,
    payload: [UInt8],
    needsValidation: Bool = true
  ) throws -> JobRecord {
    guard !group.isEmpty else { throw JobError.empty(field: "group") }
    try Self.check("group", group.utf8.count, limits.groupBytes)
    try Self.check("payload", payload.count, limits.payloadBytes)
    let record = try writer.withLock { writer in
      let unfinished = state.withLock { $0.records.values.count { !$0.status.isFinal } }
      guard unfinished < limits.unfinishedJobs else {
        throw JobError.queueFull(limit: limits.unfinishedJobs)
      }
      let record = JobRecord(
        id: JobIdentifier.make(using: &writer.random),
        number: writer.nextNumber,
        group: group,
        priority: priority,
        payload: payload,
        status: needsValidation ? .validatingFiles : .queued,
        createdAt: now()
      )
      do {
        let text = needsValidation ? "The job was created" : "The job was created; it is queued"
        let written = try write(record, .init(text))
        writer.nextNumber += 1
        return written
      } catch {
        // Not acknowledged, so it had better not run after a restart.
        try? store.delete(record.id)
        throw error
      }
    }
    observers.notify(record.id)
    observers.notify(nil)
    return record
  }

  /// Ends a job: at once where nobody works at it, else as soon as its executor obeys; asking twice changes nothing.
  ///
  /// - Throws: `JobError.notFound` or `.illegalTransition`; or what the store throws.
  package func cancel(_ id: String) throws -> JobRecord {
    try update(id) { record throws(JobError) in
      try record.cancel(now: now())
    } then: {
      $0?.request(.cancel)
    }
  }

  /// Stops a job until `resume`: at once where nobody works at it, else at its executor's next checkpoint.
  ///
  /// - Throws: `JobError.notFound` or `.illegalTransition`; or what the store throws.
  package func pause(_ id: String) throws -> JobRecord {
    try update(id) { record throws(JobError) in
      try record.pause()
    } then: {
      $0?.request(.pause)
    }
  }

  /// Queues a paused job again, in its old place; or takes back a pause that the executor has not obeyed yet.
  ///
  /// - Throws: `JobError.notFound` or `.illegalTransition`; or what the store throws.
  package func resume(_ id: String) throws -> JobRecord {
    try update(id) { record throws(JobError) in
      try record.resume()
    } then: {
      $0?.resume()
    }
  }

  static func check(_ field: String, _ count: Int, _ limit: Int) throws(JobError) {
    guard count <= limit else { throw .tooLarge(field: field, count: count, limit: limit) }
  }
}
