import Jobs
import Synchronization
import TestSupport

/// Random numbers that are the same for the same seed (SplitMix64).
struct SeededRandom: RandomNumberGenerator, Sendable {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A clock that goes one second further with every look.
final class StepClock: Sendable {
  private let seconds = Atomic<Int>(1000)

  var now: @Sendable () -> Int { { self.seconds.add(1, ordering: .relaxed).newValue } }
}

extension JobQueue {
  /// A queue over a store, with a step clock and seeded ids.
  static func opened(
    _ store: any JobStore,
    _ limits: JobLimits = JobLimits(),
    seed: UInt64 = 1
  ) throws -> JobQueue {
    try JobQueue(
      store: store,
      limits: limits,
      now: StepClock().now,
      random: SeededRandom(state: seed)
    )
  }

  /// A queued job that needs no validation.
  func submitReady(_ group: String = "lenet5", priority: Int = 0) throws -> JobRecord {
    try submit(group: group, priority: priority, payload: [1, 2], needsValidation: false)
  }

  /// All messages of a job's log.
  func messages(_ id: String) throws -> [String] {
    try events(of: id, limit: 1000).events.map(\.content.message)
  }
}
