import HTTP

/// Counts every answer by route and class of its status.
struct RequestMetrics: Sendable {
  /// 2xx to 5xx: informational answers do not come here.
  static let classes: [StaticString] = ["2xx", "3xx", "4xx", "5xx"]
  /// What requests without a route are counted as: unknown paths, and requests that could not be read.
  static let otherRoute = "other"

  private let counters: StripedCounters

  init(routeCount: Int) {
    counters = StripedCounters((routeCount + 1) * Self.classes.count)
  }

  /// Counts answers that are alike.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - route: Its row in `RouteTable`, -1 for none.
  ///   - status: Their status.
  ///   - loop: The event loop that they were given on.
  func noteAnswers(_ count: Int = 1, route: Int, _ status: Status, loop: Int) {
    let statusClass = min(max(status.code / 100, 2), 5) - 2
    counters.add(
      UInt64(clamping: count),
      to: (route + 1) * Self.classes.count + statusClass,
      stripe: loop
    )
  }

  /// Answers of a route, -1 for none, with a status of that position in `classes`.
  func count(route: Int, statusClass: Int) -> UInt64 {
    counters[(route + 1) * Self.classes.count + statusClass]
  }
}
