import Synchronization

/// Who wants to hear about changes.
final class JobObservers: Sendable {
  private let state = Mutex(State())

  private struct State {
    var next: UInt64 = 0
    var entries: [UInt64: Entry] = [:]
  }

  private struct Entry {
    /// nil for the whole queue.
    let id: String?
    let callback: @Sendable () -> Void
  }

  /// Registers a callback for one job, or for the order of the queue.
  func add(_ id: String?, _ callback: @escaping @Sendable () -> Void) -> JobSubscription {
    let number = state.withLock { state in
      state.next += 1
      state.entries[state.next] = Entry(id: id, callback: callback)
      return state.next
    }
    return JobSubscription { [weak self] in
      self?.state.withLock { _ = $0.entries.removeValue(forKey: number) }
    }
  }

  /// Calls those registered for `id`; never called with a lock held.
  func notify(_ id: String?) {
    let callbacks = state.withLock { state in
      state.entries.values.compactMap { $0.id == id ? $0.callback : nil }
    }
    for callback in callbacks { callback() }
  }

  /// Registered callbacks.
  var count: Int { state.withLock { $0.entries.count } }
}

/// Keeps a callback registered; dropping it takes the callback out, though a call may still be under way.
package final class JobSubscription: Sendable {
  private let remove: @Sendable () -> Void

  init(_ remove: @escaping @Sendable () -> Void) { self.remove = remove }

  deinit { remove() }
}
