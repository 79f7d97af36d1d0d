import HTTP

/// The header `X-Request-Timeout-Ms`: how long the client waits, milliseconds.
enum RequestDeadline {
  /// When the answer is of no more use, on `MonotonicClock`; 0 where the client does not say.
  static func read(_ request: Request) throws(ServiceError) -> UInt64 {
    guard let text = request.headers["x-request-timeout-ms"] else { return 0 }
    guard let milliseconds = text.decimal, milliseconds > 0, milliseconds <= millisecondsMax else {
      throw .invalid(
        "X-Request-Timeout-Ms must be a whole number of milliseconds from 1 to \(millisecondsMax)"
      )
    }
    return MonotonicClock.now() + UInt64(milliseconds) * 1_000_000
  }

  /// A day.
  private static let millisecondsMax = 86_400_000
}
