import Synchronization

/// How a change becomes durable.
extension JobQueue {
  /// Changes one job: decides, writes, publishes, tells the observers.
  ///
  /// `then` gets the flag of the executor that had the job, if any, after the change is durable.
  @discardableResult
  func update(
    _ id: String,
    _ change: (inout JobRecord) throws(JobError) -> JobEvent.Content?,
    then: (JobControl?) -> Void = { _ in }
  ) throws -> JobRecord {
    let (record, isChanged) = try writer.withLock { _ in
      let before = try job(id)
      var record = before
      let content = try change(&record)
      guard record != before else { return (record, false) }
      let control = state.withLock { $0.controls[id] }
      let written = try write(record, content)
      then(control)
      return (written, true)
    }
    guard isChanged else { return record }
    observers.notify(id)
    observers.notify(nil)
    return record
  }

  /// Makes a record and its event durable; the caller holds the writer's lock.
  ///
  /// Where the record is written but the log is not, the event stays in the outbox, which is durable
  /// too, and is appended with the next one or when the jobs are opened again.
  func write(_ record: JobRecord, _ content: JobEvent.Content?) throws -> JobRecord {
    var record = record
    let count = state.withLock { $0.eventCounts[record.id] ?? 0 }
    record.outbox.removeAll { $0.sequence <= count }
    let last = count + record.outbox.count
    if var content, last < limits.eventsPerJob + limits.transitionEventsPerJob {
      content.message = Self.clip(content.message, limits.eventBytes)
      record.outbox.append(
        JobEvent(jobID: record.id, sequence: last + 1, createdAt: now(), content: content)
      )
    }
    try store.put(record.encoded, of: record.id)
    // The log before the status: who sees that a job has ended finds all its events.
    try? flush(record)
    state.withLock { state in
      state.records[record.id] = record
      if !record.isActive { state.controls[record.id] = nil }
    }
    if record.status.isFinal {
      try? store.removeFolder(of: record.id)
      forgetOldest()
    }
    return record
  }

  /// Appends what the outbox has and the log has not; the caller holds the writer's lock.
  func flush(_ record: JobRecord) throws {
    let count = state.withLock { $0.eventCounts[record.id] ?? 0 }
    let pending = record.outbox.filter { $0.sequence > count }
    guard let last = pending.last else { return }
    try store.append(pending.map(\.encoded), to: record.id)
    state.withLock { $0.eventCounts[record.id] = last.sequence }
  }

  /// Removes the oldest ended jobs above the limit; one that cannot be removed now is tried again at the next end.
  func forgetOldest() {
    let oldest = state.withLock { state in
      let ended = state.records.values.filter(\.status.isFinal)
      return ended.sorted { ($0.finishedAt ?? 0, $0.number) < ($1.finishedAt ?? 0, $1.number) }
        .prefix(max(ended.count - limits.finishedJobs, 0)).map(\.id)
    }
    for id in oldest {
      guard (try? store.delete(id)) != nil else { continue }
      state.withLock { state in
        state.records[id] = nil
        state.eventCounts[id] = nil
      }
    }
  }

  private static func clip(_ text: String, _ byteCountMax: Int) -> String {
    var text = text
    while text.utf8.count > byteCountMax { text.removeLast() }
    return text
  }
}
