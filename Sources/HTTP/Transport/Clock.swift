internal import Glibc

/// The clocks of the machine.
enum Clock {
  /// The monotonic clock.
  static func now() -> Nanoseconds { read(CLOCK_MONOTONIC) }

  /// Seconds since 1970.
  static func unixSeconds() -> Int { time(nil) }

  private static func read(_ clock: clockid_t) -> Nanoseconds {
    var value = timespec()
    clock_gettime(clock, &value)
    return Nanoseconds(value.tv_sec) &* 1_000_000_000 &+ Nanoseconds(value.tv_nsec)
  }
}
