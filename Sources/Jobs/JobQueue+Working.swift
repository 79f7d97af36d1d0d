import Synchronization

/// What workers and executors do with jobs.
extension JobQueue {
  // MARK: Taking

  /// Takes the oldest job that is to be validated, nil where there is none or the queue shuts down.
  ///
  /// - Throws: what the store throws; the job is then not taken.
  package func takeForValidation() throws -> JobContext? {
    try take { records in
      records.filter { $0.status == .validatingFiles && !$0.isActive }
        .min { $0.number < $1.number }
    } begin: { record in
      record.beginValidation()
    }
  }

  /// Takes the next job to run, nil where there is none, as many run as may, or the queue shuts down.
  ///
  /// That is the oldest of the highest priority whose group does not run; it is `running`, durably,
  /// when this returns.
  ///
  /// - Throws: what the store throws; the job is then not taken.
  package func takeForRun() throws -> JobContext? {
    try take { records in
      let groups = records.filter { $0.status == .running }.map(\.group)
      guard groups.count < limits.concurrency else { return nil }
      return records.filter { $0.status == .queued && !groups.contains($0.group) }
        .min { ($1.priority, $0.number) < ($0.priority, $1.number) }
    } begin: { record in
      record.beginRun(now: now())
    }
  }

  private func take(
    _ choose: ([JobRecord]) -> JobRecord?,
    begin: (inout JobRecord) -> JobEvent.Content?
  ) throws -> JobContext? {
    let context: JobContext? = try writer.withLock { _ in
      let records = state.withLock { $0.isShuttingDown ? [] : Array($0.records.values) }
      guard var record = choose(records) else { return nil }
      let content = begin(&record)
      record = try write(record, content)
      let control = JobControl()
      let isShuttingDown = state.withLock { state in
        state.controls[record.id] = control
        return state.isShuttingDown
      }
      if isShuttingDown { control.request(.shutdown) }
      return JobContext(self, record, control)
    }
    if let context {
      observers.notify(context.job.id)
      observers.notify(nil)
    }
    return context
  }

  // MARK: Reporting the end of an attempt

  /// The specification of a job is good: it is queued.
  ///
  /// - Throws: `JobError.notActive` or `.notFound`; or what the store throws.
  package func validated(_ id: String) throws {
    try update(id) { record throws(JobError) in try record.validated(now: now()) }
  }

  /// A job that ran is done.
  ///
  /// - Throws: `JobError.notActive`, `.notFound` or `.tooLarge`; or what the store throws.
  package func succeed(_ id: String, result: [UInt8]) throws {
    try Self.check("result", result.count, limits.resultBytes)
    try update(id) { record throws(JobError) in try record.succeed(result, now: now()) }
  }

  /// A job cannot go on, or its specification is bad.
  ///
  /// - Throws: `JobError.notActive` or `.notFound`; or what the store throws.
  package func fail(_ id: String, _ failure: JobFailure) throws {
    try update(id) { record throws(JobError) in try record.fail(failure, now: now()) }
  }

  /// A job's executor stopped at a checkpoint: the job is cancelled, paused or queued again, as was asked.
  ///
  /// - Throws: `JobError.notActive` or `.notFound`; or what the store throws.
  package func interrupted(_ id: String) throws {
    let wasAsked = state.withLock { $0.controls[id]?.mayInterrupt ?? false }
    try update(id) { record throws(JobError) in
      try record.interrupted(now: now(), wasAsked: wasAsked)
    }
  }

  /// Gives no more jobs out and asks all executors to stop; clients may go on submitting and cancelling.
  package func beginShutdown() {
    let controls = state.withLock { state in
      state.isShuttingDown = true
      return Array(state.controls.values)
    }
    for control in controls { control.request(.shutdown) }
    observers.notify(nil)
  }

  // MARK: What executors write, through their context

  /// Adds an event; the last one that fits says that later ones are dropped.
  func emit(_ content: JobEvent.Content, for id: String) throws {
    let byteCount = content.message.utf8.count + content.data.count
    try Self.check("event", byteCount, limits.eventBytes)
    try writer.withLock { _ in
      let record = try activeJob(id)
      try flush(record)
      let count = state.withLock { $0.eventCounts[id] ?? 0 }
      guard count < limits.eventsPerJob else { return }
      let isLast = count + 1 == limits.eventsPerJob
      let note = "The job has \(limits.eventsPerJob) events; later ones of its executor are dropped"
      let event = JobEvent(
        jobID: id,
        sequence: count + 1,
        createdAt: now(),
        content: isLast ? .init(note, level: .warn) : content
      )
      try store.append([event.encoded], to: id)
      state.withLock { $0.eventCounts[id] = event.sequence }
    }
    observers.notify(id)
  }

  /// Sets a mark; a new value counts as progress, the old one again changes nothing.
  func mark(_ name: String, _ bytes: [UInt8], for id: String) throws {
    guard !name.isEmpty else { throw JobError.empty(field: "mark") }
    try Self.check("mark name", name.utf8.count, limits.markNameBytes)
    try Self.check("mark '\(name)'", bytes.count, limits.markBytes)
    let limit = limits.marksPerJob
    try writer.withLock { _ in
      var record = try activeJob(id)
      guard record.marks[name] != bytes else { return }
      record.marks[name] = bytes
      try Self.check("marks", record.marks.count, limit)
      record.crashes = 0
      _ = try write(record, nil)
    }
  }

  private func activeJob(_ id: String) throws(JobError) -> JobRecord {
    let record = try job(id)
    guard record.isActive else { throw .notActive(id: id, status: record.status) }
    return record
  }
}
