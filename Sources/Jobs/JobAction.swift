/// What a client can ask for.
package enum JobAction: String, Sendable, Hashable {
  /// End the job for good.
  case cancel
  /// Stop the job at its next checkpoint.
  case pause
  /// Queue a paused job again, or take a pause back that has not come into effect.
  case resume
}

/// What a client asked of an active job and its executor has not obeyed yet.
package enum JobRequest: String, Sendable, Hashable {
  /// See `JobAction.cancel`.
  case cancel
  /// See `JobAction.pause`.
  case pause
}
