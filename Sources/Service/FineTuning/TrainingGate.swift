import CLinux
import Glibc
import Synchronization

/// Lets predictions go first: a training passes here between its mini-batches and inside long ones.
///
/// While batches of predictions run, the training sleeps, a bounded time: a server that is never idle still trains. Its thread also
/// runs in the scheduling class of background work, so that a prediction that wakes up gets the processor at once.
package final class TrainingGate: Sendable {
  private let load: ServingLoad
  private let yielded = Atomic<UInt64>(0)
  private let yields = Atomic<UInt64>(0)

  /// How long a training waits at one passage, nanoseconds.
  package static let waitNanosecondsMax: UInt64 = 2_000_000
  /// How often it looks whether it may go on, microseconds.
  private static let lookMicroseconds: UInt32 = 50

  package init(_ load: ServingLoad) { self.load = load }

  /// Waits as long as predictions run, at most `waitNanosecondsMax`.
  package func pass() {
    guard load.runningBatches > 0 else { return }
    let start = MonotonicClock.now()
    var waited: UInt64 = 0
    while load.runningBatches > 0, waited < Self.waitNanosecondsMax {
      usleep(Self.lookMicroseconds)
      waited = MonotonicClock.now() - start
    }
    yielded.wrappingAdd(waited, ordering: .relaxed)
    yields.wrappingAdd(1, ordering: .relaxed)
  }

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
