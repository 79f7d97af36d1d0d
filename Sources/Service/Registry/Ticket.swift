import Dispatch
import HTTP
import Synchronization

/// Work on a queue that somebody waits for, but not for ever: what has not begun by then never does.
final class Ticket<Value: Sendable>: Sendable {
  private enum State: Sendable {
    case waiting
    case running
    case abandoned
    case done(Result<Value, any Error>)
  }

  private let body: @Sendable () throws -> Value
  private let state = Mutex(State.waiting)
  private let ended = DispatchSemaphore(value: 0)

  init(_ body: @escaping @Sendable () throws -> Value) { self.body = body }

  /// Does the work, unless it was abandoned.
  func run() {
    let begins = state.withLock { state in
      guard case .waiting = state else { return false }
      state = .running
      return true
    }
    guard begins else { return }
    let result = Result { try body() }
    state.withLock { $0 = .done(result) }
    ended.signal()
  }

  /// The work's value; the end of work that has begun is always waited for.
  ///
  /// - Throws: What it threw; `ServiceError` 503 where it has not begun in time.
  func wait(seconds: Double) throws -> Value {
    if ended.wait(timeout: .now() + seconds) == .timedOut {
      let isAbandoned = state.withLock { state in
        guard case .waiting = state else { return false }
        state = .abandoned
        return true
      }
      if isAbandoned {
        throw ServiceError(
          .serviceUnavailable,
          "models are being loaded since \(seconds) seconds; nothing was changed",
          retryAfterSeconds: 5
        )
      }
      ended.wait()
    }
    guard case .done(let result) = state.withLock({ $0 }) else {
      throw ServiceError(.internalServerError, "work ended without a result")
    }
    return try result.get()
  }
}
