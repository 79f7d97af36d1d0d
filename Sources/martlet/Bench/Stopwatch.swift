import Glibc

/// Times a piece of work: enough runs for the clock, several repeats, the median.
enum Stopwatch {
  /// Seconds of one repeat.
  static let repeatSeconds = 0.03
  static let repeats = 9

  /// Median seconds of one call.
  static func median(_ body: () throws -> Void) rethrows -> Double {
    try body()
    var calls = 1
    while true {
      let seconds = try time(calls, body)
      if seconds >= repeatSeconds / 4 || calls >= 1 << 24 {
        calls = max(1, Int(Double(calls) * repeatSeconds / max(seconds, 1e-9)))
        break
      }
      calls *= 4
    }
    var times: [Double] = []
    for _ in 0..<repeats { times.append(try time(calls, body) / Double(calls)) }
    times.sort()
    return times[times.count / 2]
  }

  /// Seconds that `calls` calls take.
  static func time(_ calls: Int, _ body: () throws -> Void) rethrows -> Double {
    let start = now()
    for _ in 0..<calls { try body() }
    return now() - start
  }

  /// A monotonic clock, in seconds.
  static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
