/// Where a job stands; the names are those of the wire.
package enum JobStatus: String, Sendable, Hashable, CaseIterable {
  /// The specification and its data are being looked at.
  case validatingFiles = "validating_files"
  /// Waits for a worker, for its group and for jobs of higher priority.
  case queued
  /// An executor works at it.
  case running
  /// Stopped at a checkpoint until somebody resumes it.
  case paused
  /// Ended with a result.
  case succeeded
  /// Ended with a `JobFailure`.
  case failed
  /// Ended because somebody asked for it.
  case cancelled

  /// True where the job has ended for good.
  package var isFinal: Bool {
    switch self {
    case .succeeded, .failed, .cancelled: true
    case .validatingFiles, .queued, .running, .paused: false
    }
  }
}
