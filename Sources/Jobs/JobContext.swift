/// What an executor has of its job: whether to stop, and where to write.
///
/// Each write is durable when it returns.
package final class JobContext: Sendable {
  /// The job as it was when this attempt began.
  package let job: JobRecord
  private let queue: JobQueue
  private let control: JobControl

  init(_ queue: JobQueue, _ job: JobRecord, _ control: JobControl) {
    self.queue = queue
    self.job = job
    self.control = control
  }

  /// True where the executor shall write a checkpoint and throw `JobInterruption` soon; one atomic load.
  package var isStopRequested: Bool { control.stopReason != nil }

  /// Why it shall stop, nil where it need not.
  package var stopReason: StopReason? { control.stopReason }

  /// Throws `JobInterruption` where the executor shall stop.
  package func checkStop() throws(JobInterruption) {
    if isStopRequested { throw JobInterruption() }
  }

  /// Adds a line to the job's log.
  ///
  /// - Throws: `JobError.tooLarge` for more than `JobLimits.eventBytes`, `.notActive` after the end
  ///   of the attempt; or what the store throws.
  package func emit(_ event: JobEvent.Content) throws { try queue.emit(event, for: job.id) }

  /// The value of a mark, nil where it was never set.
  package func mark(_ name: String) throws -> [UInt8]? { try queue.job(job.id).marks[name] }

  /// Sets a mark.
  ///
  /// For a step with outside effect: set a mark that names the effect (the version's number), do the
  /// step in a way that a second time changes nothing, set a mark that it is done. A new value is
  /// progress: a job whose attempts crash without any fails after `JobLimits.attemptsWithoutProgress`.
  ///
  /// - Throws: `JobError.tooLarge`, `.empty` or `.notActive`; or what the store throws.
  package func mark(_ name: String, _ bytes: [UInt8]) throws {
    try queue.mark(name, bytes, for: job.id)
  }

  /// The job's own folder for checkpoints and data; it goes when the job ends for good.
  ///
  /// - Throws: what the store throws.
  package func folder() throws -> String { try queue.store.folder(of: job.id) }
}
