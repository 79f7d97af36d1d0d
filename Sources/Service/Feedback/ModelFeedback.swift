import Storage
import Synchronization

/// The feedback of one model: predicted rows in memory, and those whose true answer was told, on disk.
final class ModelFeedback: Sendable {
  let recent: RecentPredictions
  private let contents: QueuedContents<FeedbackBuffer>
  private let published = Mutex(FeedbackSummary())

  init(
    _ model: String,
    folder: String,
    limits: ServiceLimits,
    report: @escaping @Sendable (String) -> Void
  ) {
    recent = RecentPredictions(limits)
    contents = QueuedContents("feedback \(model)") { () throws(FormatError) in
      do throws(FormatError) {
        let buffer = try FeedbackBuffer(folder, limits: limits)
        for problem in buffer.problems { report(problem) }
        return buffer
      } catch {
        report("no feedback: \(error)")
        throw error
      }
    }
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
    contents.perform { [self] result in
      body(result)
      if case .success(let buffer) = result { publish(buffer) }
    }
  }

  /// Waits for rows on disk, the oldest first: not on an event loop.
  func newest(_ limit: Int) throws(FormatError) -> [FeedbackRecord] {
    try contents.read { buffer throws(FormatError) in
      publish(buffer)
      return try buffer.newest(limit)
    }
  }

  private func publish(_ buffer: FeedbackBuffer) {
    let summary = FeedbackSummary(
      statistics: buffer.statistics,
      count: buffer.count,
      labels: buffer.labels
    )
    published.withLock { $0 = summary }
  }
}
