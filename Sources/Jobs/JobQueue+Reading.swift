import Storage
import Synchronization

/// Some jobs, and whether there are older ones.
package struct JobPage: Sendable, Equatable {
  /// The newest first.
  package let jobs: [JobRecord]
  package let hasMore: Bool
}

/// Some events of one job, and whether there are later ones.
package struct JobEventPage: Sendable, Equatable {
  /// In the order in which they happened.
  package let events: [JobEvent]
  package let hasMore: Bool
}

extension JobQueue {
  /// A job as it is now.
  ///
  /// - Throws: `JobError.notFound`.
  package func job(_ id: String) throws(JobError) -> JobRecord {
    guard let record = state.withLock({ $0.records[id] }) else { throw .notFound(id: id) }
    return record
  }

  /// A page of jobs, the newest first.
  ///
  /// - Parameters:
  ///   - cursor: the id of the last job of the page before, nil for the first page.
  ///   - limit: at most so many; `JobLimits.pageEntries` bounds it.
  /// - Returns: the jobs behind the cursor.
  /// - Throws: `JobError.notFound` for a cursor that is no job, or no longer.
  package func list(after cursor: String? = nil, limit: Int) throws(JobError) -> JobPage {
    let last = try cursor.map { (id) throws(JobError) in try job(id).number }
    let records = state.withLock { Array($0.records.values) }
    let older = records.filter { record in last.map { record.number < $0 } ?? true }
      .sorted { $0.number > $1.number }
    let page = older.prefix(bounded(limit))
    return JobPage(jobs: Array(page), hasMore: page.count < older.count)
  }

  /// All jobs that have not ended, in no order.
  package var unfinished: [JobRecord] {
    state.withLock { state in state.records.values.filter { !$0.status.isFinal } }
  }

  /// How many jobs have each status.
  package func counts() -> [JobStatus: Int] {
    state.withLock { state in
      state.records.values.reduce(into: [:]) { $0[$1.status, default: 0] += 1 }
    }
  }

  /// The sequence number of a job's last event, 0 where it has none.
  ///
  /// - Throws: `JobError.notFound`.
  package func lastEvent(of id: String) throws(JobError) -> Int {
    _ = try job(id)
    return state.withLock { $0.eventCounts[id] ?? 0 }
  }

  /// A page of a job's events, in order; it costs the reading of the page, wherever it starts.
  ///
  /// - Parameters:
  ///   - id: the job.
  ///   - sequence: the number of the last event seen, 0 for none.
  ///   - limit: at most so many; `JobLimits.pageEntries` bounds it.
  /// - Returns: the events behind `sequence`.
  /// - Throws: `JobError.notFound`; or what the store throws.
  package func events(
    of id: String,
    after sequence: Int = 0,
    limit: Int
  ) throws -> JobEventPage {
    let count = try lastEvent(of: id)
    let start = min(max(sequence, 0), count)
    let wanted = min(bounded(limit), count - start)
    let events = try store.events(of: id, from: start, limit: wanted)
      .map { (bytes) throws(FormatError) in try JobEvent(bytes, jobID: id) }
    return JobEventPage(events: events, hasMore: start + events.count < count)
  }

  /// Calls back after each change of a job, whether an event or its status.
  ///
  /// Register first, then read: nothing is missed then. The callback comes from the thread that made
  /// the change, or several at once; it must not block and says only that there is something to read.
  ///
  /// - Returns: what keeps the callback registered.
  package func observe(
    _ id: String,
    _ callback: @escaping @Sendable () -> Void
  ) -> JobSubscription {
    observers.add(id, callback)
  }

  /// Calls back when a job may have become ready to be taken, under the same conditions.
  package func observeOrder(_ callback: @escaping @Sendable () -> Void) -> JobSubscription {
    observers.add(nil, callback)
  }

  private func bounded(_ limit: Int) -> Int { min(max(limit, 0), limits.pageEntries) }
}
