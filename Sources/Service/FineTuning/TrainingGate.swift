import CLinux
import Glibc
import Synchronization

/// Lets predictions go first: a training passes here between its mini-batches and inside long ones.
///
/// While the server is asked, a training gets `share` of the time and sleeps for the rest, so that caches and the second processor belong
/// to the predictions; once nobody asks it goes on at once. Its thread also runs in the scheduling class of background work, so that a
/// prediction that wakes up gets the processor in any case.
package final class TrainingGate: Sendable {
  private let load: ServingLoad
  private let share: Double
  private let yielded = Atomic<UInt64>(0)
  private let yields = Atomic<UInt64>(0)

  /// How long a training waits at one passage, nanoseconds.
  package static let waitNanosecondsMax: UInt64 = 20_000_000
  /// The server counts as idle when no batch was begun for so long, nanoseconds.
  package static let quietNanoseconds: UInt64 = 500_000
  /// How often a waiting training looks, microseconds.
  private static let lookMicroseconds: UInt32 = 100

  /// - Parameters:
  ///   - load: what the server does.
  ///   - share: of the time, above 0 to 1, that a training gets while predictions are asked for.
  package init(_ load: ServingLoad, share: Double = FineTuningSettings().share) {
    self.load = load
    self.share = min(max(share, 0.01), 1)
  }

  /// A way through the gate for one training: its `pass` is called from one thread at a time.
  package func pace() -> TrainingPace { TrainingPace(self) }

  /// Waits after a slice of training, for as long as the server is asked and the share says.
  ///
  /// - Returns: the batches that the server had begun at the end.
  func wait(after slice: UInt64, batches seen: UInt64) -> UInt64 {
    var count = load.batchCount
    guard count != seen || load.runningBatches > 0 else { return count }
    let pause = min(Double(slice) * (1 / share - 1), Double(Self.waitNanosecondsMax))
    let start = MonotonicClock.now()
    var now = start
    var lastBatch = start
    while Double(now - start) < pause, now - lastBatch < Self.quietNanoseconds {
      usleep(Self.lookMicroseconds)
      now = MonotonicClock.now()
      let present = load.batchCount
      if present != count || load.runningBatches > 0 { lastBatch = now }
      count = present
    }
    yielded.wrappingAdd(now - start, ordering: .relaxed)
    yields.wrappingAdd(1, ordering: .relaxed)
    return count
  }

  /// What a new training has seen.
  var batchCount: UInt64 { load.batchCount }

  /// Time that trainings have waited for predictions since the start, seconds.
  package var yieldedSeconds: Double { Double(yielded.load(ordering: .relaxed)) / 1e9 }

  /// How often they have waited.
  package var yieldCount: UInt64 { yields.load(ordering: .relaxed) }

  /// Puts the calling thread, and the threads that it starts, into the class of background work: Linux's `SCHED_IDLE`, or the lowest
  /// priority where that is not allowed.
  package static func enterBackground() {
    guard martlet_enter_idle_class() != 0 else { return }
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
  }
}

/// One training's way through the gate: knows how long it ran since it last waited.
package final class TrainingPace: Sendable {
  private let gate: TrainingGate
  private let sliceStart: Atomic<UInt64>
  private let batches: Atomic<UInt64>

  init(_ gate: TrainingGate) {
    self.gate = gate
    sliceStart = Atomic(MonotonicClock.now())
    batches = Atomic(gate.batchCount)
  }

  /// Lets predictions go first.
  package func pass() {
    let slice = MonotonicClock.now() - sliceStart.load(ordering: .relaxed)
    let seen = gate.wait(after: slice, batches: batches.load(ordering: .relaxed))
    batches.store(seen, ordering: .relaxed)
    sliceStart.store(MonotonicClock.now(), ordering: .relaxed)
  }
}
