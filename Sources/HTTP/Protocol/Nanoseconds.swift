/// Points and spans of the monotonic clock, nanoseconds.
///
/// The protocol core never reads a clock: it is told the time.
package typealias Nanoseconds = Int64

extension Nanoseconds {
  /// "Never", as a deadline.
  static var never: Nanoseconds { .max }

  /// This span of seconds; negative and undefined ones are zero, huge ones a century.
  static func seconds(_ seconds: Double) -> Nanoseconds {
    seconds > 0 ? Nanoseconds(Swift.min(seconds, 3_153_600_000) * 1e9) : 0
  }

  /// This point in time and `seconds` more.
  func after(_ seconds: Double) -> Nanoseconds {
    let (sum, overflow) = addingReportingOverflow(.seconds(seconds))
    return overflow ? .never : sum
  }
}

/// A deadline that moves as bytes do: `grace` seconds and then at least `rate` bytes per second.
struct RateDeadline {
  private var start: Nanoseconds
  private let grace: Double
  private let rate: Double

  /// A transfer that begins at `start`.
  init(start: Nanoseconds, grace: Double, bytesPerSecond rate: Double) {
    self.start = start
    self.grace = grace
    self.rate = rate
  }

  /// Leaves out a span in which nobody read.
  mutating func postpone(by span: Nanoseconds) {
    let (sum, overflow) = start.addingReportingOverflow(max(0, span))
    start = overflow ? .never : sum
  }

  /// When the next byte is due after `bytes` have gone through; a rate of zero demands nothing.
  func deadline(after bytes: Int) -> Nanoseconds {
    rate > 0 ? start.after(grace + Double(bytes) / rate) : .never
  }
}
