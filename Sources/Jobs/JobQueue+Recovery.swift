import Storage
import Synchronization

/// What happens when the jobs of a store are opened.
extension JobQueue {
  /// Reads all jobs and settles what a crash left open; doing it twice changes nothing more.
  func recover() throws {
    var problems: [String] = []
    var records: [JobRecord] = []
    for id in try store.jobs() {
      do {
        let (record, count) = try load(id)
        records.append(record)
        state.withLock { state in
          state.records[id] = record
          state.eventCounts[id] = count
        }
      } catch let error as FormatError {
        problems.append("job \(id) is left out: \(error)")
      }
    }
    records.sort { $0.number < $1.number }
    try writer.withLock { writer in
      writer.nextNumber = (records.last?.number ?? 0) + 1
      for record in records {
        try flush(record)
        var recovered = record
        let content = recovered.recover(now: now(), limit: limits.attemptsWithoutProgress)
        if recovered != record { _ = try write(recovered, content) }
        if record.status.isFinal { try store.removeFolder(of: record.id) }
      }
      forgetOldest()
    }
    state.withLock { $0.problems = problems + store.problems }
  }

  /// A job and the length of its log.
  ///
  /// Where a damaged log lost more than the crash could explain, what waits in the outbox follows
  /// what is left without a gap.
  private func load(_ id: String) throws -> (JobRecord, Int) {
    var record = try JobRecord(store.record(of: id), id: id)
    let count = try store.eventCount(of: id)
    let pending = record.outbox.filter { $0.sequence > count }
    record.outbox = pending.enumerated().map { index, event in
      JobEvent(
        jobID: id,
        sequence: count + 1 + index,
        createdAt: event.createdAt,
        content: event.content
      )
    }
    return (record, count)
  }
}
