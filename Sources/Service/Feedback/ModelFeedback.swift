import Dispatch
import Storage
import Synchronization

/// The feedback of one model: predicted rows in memory, and those whose true answer was told, on disk.
///
/// The disk is touched on a queue of its own, never on an event loop.
///
/// `@unchecked Sendable`: `opened` is touched on `queue` only.
final class ModelFeedback: @unchecked Sendable {
  let recent: RecentPredictions
  private let folder: String
  private let limits: ServiceLimits
  private let report: @Sendable (String) -> Void
  private let queue: DispatchQueue
  private var opened: FeedbackBuffer?
  private let published = Mutex(FeedbackSummary())

  init(
    _ model: String,
    folder: String,
    limits: ServiceLimits,
    report: @escaping @Sendable (String) -> Void
  ) {
    self.folder = folder
    self.limits = limits
    self.report = report
    recent = RecentPredictions(limits)
    queue = DispatchQueue(label: "feedback \(model)", qos: .utility)
    // What is there is counted before anybody asks.
    if FileAccess.exists(folder) { perform { _ in } }
  }

  /// What is known now; the disk is not waited for.
  var summary: FeedbackSummary {
    var summary = published.withLock { $0 }
    summary.waitingCount = recent.count
    return summary
  }

  /// Calls `body` on the queue, with the rows on disk or why they cannot be had.
  func perform(
    _ body: @escaping @Sendable (Result<FeedbackBuffer, FormatError>) -> Void
  ) {
    queue.async { [self] in
      body(Result { () throws(FormatError) in try buffer() })
      publish()
    }
  }

  /// Waits for rows on disk, the oldest first: not on an event loop.
  func newest(_ limit: Int) throws(FormatError) -> [FeedbackRecord] {
    try queue.sync {
      Result { () throws(FormatError) in
        let buffer = try buffer()
        publish()
        return try buffer.newest(limit)
      }
    }.get()
  }

  private func buffer() throws(FormatError) -> FeedbackBuffer {
    if let opened { return opened }
    do throws(FormatError) {
      let buffer = try FeedbackBuffer(folder, limits: limits)
      for problem in buffer.problems { report(problem) }
      opened = buffer
      return buffer
    } catch {
      report("no feedback: \(error)")
      throw error
    }
  }

  private func publish() {
    guard let opened else { return }
    let summary = FeedbackSummary(
      statistics: opened.statistics,
      count: opened.count,
      labels: opened.labels
    )
    published.withLock { $0 = summary }
  }
}
