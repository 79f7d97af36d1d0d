@preconcurrency internal import Dispatch
internal import Glibc
internal import Synchronization

/// SIGTERM and SIGINT: the first begins an orderly end, the second ends the process at once.
///
/// `@unchecked Sendable`: the sources are made in `init` and never changed; the count is atomic.
package final class TerminationSignals: @unchecked Sendable {
  private var sources: [any DispatchSourceSignal] = []
  private let count = Atomic<Int>(0)

  /// Calls `onFirst` on a background thread at the first signal.
  ///
  /// Keep the object.
  package init(onFirst: @escaping @Sendable () -> Void) {
    for number in [SIGTERM, SIGINT] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(
        signal: number,
        queue: .global(qos: .userInitiated)
      )
      source.setEventHandler { [weak self] in self?.received(number, onFirst) }
      sources.append(source)
    }
    for source in sources { source.resume() }
  }

  private func received(_ number: Int32, _ onFirst: () -> Void) {
    if count.wrappingAdd(1, ordering: .relaxed).oldValue == 0 {
      onFirst()
    } else {
      _exit(128 + number)
    }
  }
}
