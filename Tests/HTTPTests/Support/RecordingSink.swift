import Synchronization

@testable import HTTP

/// Counts and sums what a streamed body brings.
///
/// It can pause after every piece until somebody resumes it, and refuse from a number of bytes on.
final class RecordingSink: BodySink {
  struct State {
    var count = 0
    var sum: UInt64 = 0
    var text: [UInt8] = []
    var largestPiece = 0
    var isAbandoned = false
    var flow: BodyFlow?
  }

  private let state = Mutex(State())
  private let refusesAfter: Int
  private let pauses: Bool

  init(refusesAfter: Int = .max, pauses: Bool = false) {
    self.refusesAfter = refusesAfter
    self.pauses = pauses
  }

  var current: State { state.withLock { $0 } }

  static let refusal = Refusal(Status(507), .text, body: Array("full".utf8))

  func receive(_ bytes: UnsafeRawBufferPointer, _ flow: BodyFlow) throws(Refusal) {
    let count = state.withLock { state in
      state.count += bytes.count
      for byte in bytes { state.sum = state.sum &* 31 &+ UInt64(byte) }
      if state.text.count < 100 { state.text.append(contentsOf: bytes.prefix(100)) }
      state.largestPiece = max(state.largestPiece, bytes.count)
      state.flow = flow
      return state.count
    }
    guard count < refusesAfter else { throw Self.refusal }
    if pauses { flow.pause() }
  }

  func abandon() { state.withLock { $0.isAbandoned = true } }

  /// Lets the next piece come; false if there was no piece before.
  @discardableResult
  func resume() -> Bool {
    guard let flow = state.withLock({ $0.flow }) else { return false }
    flow.resume()
    return true
  }
}
