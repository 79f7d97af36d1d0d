/// What is done in a job.
///
/// Called on a worker's thread, for several jobs at once where the limits allow it.
/// After a crash `run` is called again for the same job, with the marks and the folder that it left.
package protocol JobExecutor: Sendable {
  /// Looks at a job's specification and its data before the job is queued.
  ///
  /// - Throws: `JobFailure` where they are bad, `JobInterruption` after a request to stop.
  func validate(_ job: JobRecord, _ context: JobContext) throws

  /// Does the job.
  ///
  /// - Returns: the job's result.
  /// - Throws: `JobFailure` where it cannot be done, `JobInterruption` after a request to stop and a
  ///   checkpoint; any other error fails the job with code `internal_error`.
  func run(_ job: JobRecord, _ context: JobContext) throws -> [UInt8]
}
