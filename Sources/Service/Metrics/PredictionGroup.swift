import HTTP

/// Predictions that an event loop answers in one iteration and that arrived together: counted as one, with one look at the clock.
///
/// Only that loop's thread touches it.
final class PredictionGroup {
  private let requests: RequestMetrics
  private let loop: Int
  /// The model's `ModelMetrics`; nil while there are none.
  private var subject: AnyObject?
  private var route = -1
  private var start: UInt64 = 0
  private var count = 0

  init(_ requests: RequestMetrics, loop: Int) {
    self.requests = requests
    self.loop = loop
  }

  /// Adds a prediction that was answered with success.
  func add(_ request: Request) {
    let start = UInt64(truncatingIfNeeded: request.receivedAt)
    if count > 0, start == self.start, request.routeID == route, request.subject === subject {
      count += 1
      return
    }
    finish()
    subject = request.subject
    route = request.routeID
    self.start = start
    count = 1
  }

  /// Counts what was added; at the end of the iteration.
  func finish() {
    guard count > 0 else { return }
    requests.noteAnswers(count, route: route, .ok, loop: loop)
    if let model = subject as? ModelMetrics {
      let now = MonotonicClock.now()
      model.latency.observe(now > start ? now - start : 0, count: count, stripe: loop)
    }
    subject = nil
    count = 0
  }
}
