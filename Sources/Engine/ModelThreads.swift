import Dispatch
import Synchronization

/// The threads that run models: as many as there are processors, whatever the number of models.
///
/// Work is begun in the order in which it came. What takes longer than a turn gives the thread back between two pieces and asks for the
/// next turn, so that no model waits for another one's last token. Few threads also mean little memory: each has kernels' scratch
/// buffers of its own.
package enum ModelThreads {
  /// Nanoseconds after which work lets others go first, where others wait.
  static let turnLength = 1_000_000

  private static let threads = DispatchQueue.global(qos: .userInitiated)
  /// Work that has not begun.
  private static let waitingCount = Atomic<Int>(0)

  /// Runs `piece` again and again on one of the threads until it says that nothing is left; returns at once.
  ///
  /// Pieces of one call never run at the same time. They may run on different threads.
  package static func run(_ piece: @escaping @Sendable () -> Bool) {
    waitingCount.add(1, ordering: .relaxed)
    threads.async {
      waitingCount.subtract(1, ordering: .relaxed)
      let start = Pacer.nanoseconds()
      while piece() {
        if waitingCount.load(ordering: .relaxed) > 0, Pacer.nanoseconds() - start >= turnLength {
          return run(piece)
        }
      }
    }
  }
}
