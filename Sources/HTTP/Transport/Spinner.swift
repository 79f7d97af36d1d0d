/// Decides whether to poll for a moment before sleeping: waking a thread costs tens of
/// microseconds, more than many requests take.
///
/// Polling goes on only as long as it pays: when events stop arriving within the span it is soon
/// given up, so an idle loop sleeps.
struct Spinner {
  private let span: Nanoseconds
  private var credit = 0
  private var until: Nanoseconds = 0
  private var lastActivity: Nanoseconds = 0
  private var sleeps = 0

  /// Credit is at most this; each success adds one, each failure takes two.
  private static let fullCredit = 16
  /// Without credit every so many sleeps one poll probes whether traffic has become brisk.
  private static let probeInterval = 16
  /// Polling needs an event within this time before it, nanoseconds.
  private static let activityWindow: Nanoseconds = 1_000_000

  /// Polls up to this many microseconds; 0 never polls.
  init(microseconds: Int) {
    span = Nanoseconds(max(0, min(microseconds, 1000))) * 1000
  }

  mutating func noteActivity(_ now: Nanoseconds) { lastActivity = now }

  /// Whether to poll before this sleep.
  mutating func begin(_ now: Nanoseconds) -> Bool {
    guard span > 0, now - lastActivity < Self.activityWindow else { return false }
    if credit <= 0 {
      sleeps += 1
      guard sleeps % Self.probeInterval == 0 else { return false }
    }
    until = now + span
    return true
  }

  /// Whether to poll once more.
  func goesOn(_ now: Nanoseconds) -> Bool { now < until }

  /// Polling met an event.
  mutating func succeeded() { credit = min(Self.fullCredit, credit + 1) }

  /// Polling met nothing.
  mutating func failed() { credit = max(0, credit - 2) }
}
