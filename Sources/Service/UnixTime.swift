import Glibc

/// The time of day.
package enum UnixTime {
  /// Seconds since 1970.
  package static func now() -> Int { time(nil) }
}
