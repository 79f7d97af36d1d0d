/// All that is durable about one job, besides its events.
package struct JobRecord: Sendable, Equatable {
  /// `ftjob-` and 24 letters and digits.
  package let id: String
  /// Larger than that of every job before.
  let number: UInt64
  /// At most one job of a group runs at a time: the name of the model.
  package let group: String
  /// Higher ones run first; within one priority the oldest.
  package let priority: Int
  /// The job's specification, opaque here.
  package let payload: [UInt8]
  package internal(set) var status: JobStatus
  /// Unix seconds, as the two below.
  package let createdAt: Int
  /// When it ran for the first time.
  package internal(set) var startedAt: Int?
  /// When it ended for good.
  package internal(set) var finishedAt: Int?
  /// How often it was begun: 1 in the first run, one more after each crash; a pause does not count.
  package internal(set) var attempt = 0
  /// Crashes in a row without a mark that changed between them.
  var crashes = 0
  /// True while an executor has the job, to validate or to run it.
  package internal(set) var isActive = false
  /// What was asked of the executor and is not done yet.
  package internal(set) var requested: JobRequest?
  /// Set exactly where the status is `failed`.
  package internal(set) var failure: JobFailure?
  /// Set exactly where the status is `succeeded`; opaque here.
  package internal(set) var result: [UInt8]?
  /// Facts that the executor wrote so that steps with outside effect are done once.
  package internal(set) var marks: [String: [UInt8]] = [:]
  /// Events of the last transitions: written with the record in one step, appended to the log next.
  var outbox: [JobEvent] = []

  /// A job that nobody has touched yet.
  init(
    id: String,
    number: UInt64,
    group: String,
    priority: Int,
    payload: [UInt8],
    status: JobStatus,
    createdAt: Int
  ) {
    self.id = id
    self.number = number
    self.group = group
    self.priority = priority
    self.payload = payload
    self.status = status
    self.createdAt = createdAt
  }

  /// What a client may ask for now.
  package var allowedActions: [JobAction] {
    switch (status, requested) {
    case (.validatingFiles, _), (.running, .cancel): [.cancel]
    case (.running, .pause): [.cancel, .pause, .resume]
    case (.queued, _), (.running, nil): [.cancel, .pause]
    case (.paused, _): [.cancel, .resume]
    case (.succeeded, _), (.failed, _), (.cancelled, _): []
    }
  }
}
