import Glibc

/// The time of day for records.
enum UTCTime {
  /// ISO 8601 with milliseconds, as `2026-11-21T06:28:20.123Z`.
  static func text() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return text(seconds: now.tv_sec, milliseconds: now.tv_nsec / 1_000_000)
  }

  /// The same for a time since 1970.
  static func text(seconds: Int, milliseconds: Int) -> String {
    var seconds = time_t(seconds)
    var parts = tm()
    guard gmtime_r(&seconds, &parts) != nil else { return "1970-01-01T00:00:00.000Z" }
    func digits(_ value: Int, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
    let date = [
      digits(Int(parts.tm_year) + 1900, 4), digits(Int(parts.tm_mon) + 1, 2),
      digits(Int(parts.tm_mday), 2),
    ]
    let time = [
      digits(Int(parts.tm_hour), 2), digits(Int(parts.tm_min), 2), digits(Int(parts.tm_sec), 2),
    ]
    return
      "\(date.joined(separator: "-"))T\(time.joined(separator: ":")).\(digits(milliseconds, 3))Z"
  }
}
