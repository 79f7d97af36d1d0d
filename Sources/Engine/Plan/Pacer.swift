import Glibc

/// Runs steps, and between two of them lets others go first where the session is asked to.
///
/// A plan and the bodies in it share one, so that the clock goes on through both.
final class Pacer {
  private let yield: (@Sendable () -> Void)?
  private let pool: WorkerPool
  private var start = 0

  /// `yield` as in `SessionOptions`.
  init(_ yield: (@Sendable () -> Void)?, _ pool: WorkerPool) {
    self.yield = yield
    self.pool = pool
  }

  /// Starts the clock of a run.
  func begin() {
    if yield != nil { start = Pacer.nanoseconds() }
  }

  /// Runs `steps` and calls `yield` between them, not more often than every `SessionOptions.yieldInterval`.
  func run(_ steps: [Step]) throws {
    guard let yield else {
      for step in steps { try step() }
      return
    }
    for step in steps {
      try step()
      guard Pacer.nanoseconds() - start >= SessionOptions.yieldInterval else { continue }
      // Whoever goes first now needs the processors that our idle workers would spin on.
      pool.rest()
      yield()
      start = Pacer.nanoseconds()
    }
  }

  /// Of the clock that only goes forward.
  static func nanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
