/// Every limit of the job queue, with its unit and its default.
package struct JobLimits: Sendable, Equatable {
  /// Jobs that run at the same time, in different groups.
  package var concurrency = 1
  /// Jobs that have not ended (validating, queued, running, paused); one more is refused.
  package var unfinishedJobs = 64
  /// Ended jobs kept, with their events; the oldest go.
  package var finishedJobs = 100
  /// A group's name, UTF-8 bytes.
  package var groupBytes = 128
  /// A job's specification, bytes.
  package var payloadBytes = 1 << 20
  /// A job's result, bytes.
  package var resultBytes = 1 << 20
  /// Marks of one job.
  package var marksPerJob = 64
  /// A mark's name, UTF-8 bytes.
  package var markNameBytes = 64
  /// A mark's value, bytes.
  package var markBytes = 16 << 10
  /// Events that an executor may write about one job; later ones are dropped.
  package var eventsPerJob = 5000
  /// An event's message and data together, bytes.
  package var eventBytes = 4096
  /// Events that the queue itself may write about one job besides; later ones are dropped.
  package var transitionEventsPerJob = 500
  /// Attempts in a row that a crash ended before they set a mark to a new value; then the job fails.
  package var attemptsWithoutProgress = 5
  /// Jobs or events in one page.
  package var pageEntries = 1000

  /// The defaults above.
  package init() {}
}
