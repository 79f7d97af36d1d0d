import HTTP
import Synchronization

/// Answers a request with all its predictions together: `{"predictions": [...]}`, or V2's single text.
final class SequenceReply: SequenceOutcome {
  private struct State {
    var replies: [InstanceReply?]
    var missing: Int
    var isOver = false
  }

  private let responder: Responder
  private let headers: ResponseHeaders
  private let writer: any SequenceWriter
  private let name: @Sendable (Int) -> String
  private let state: Mutex<State>

  /// - Parameters:
  ///   - count: How many instances the request has.
  ///   - responder: Where the reply goes.
  ///   - headers: Extra field lines of it.
  ///   - writer: Writes the body.
  ///   - name: What errors call an instance.
  init(
    _ count: Int,
    _ responder: Responder,
    headers: ResponseHeaders,
    _ writer: any SequenceWriter,
    name: @escaping @Sendable (Int) -> String
  ) {
    self.responder = responder
    self.headers = headers
    self.writer = writer
    self.name = name
    state = Mutex(State(replies: Array(repeating: nil, count: count), missing: count))
  }

  var isAbandoned: Bool { state.withLock { $0.isOver } || responder.isCancelled }

  func append(_ piece: SequencePiece) {}

  func finish(_ reply: InstanceReply, row: Int) {
    let replies: [InstanceReply]? = state.withLock { state in
      guard !state.isOver, state.replies[row] == nil else { return nil }
      state.replies[row] = reply
      state.missing -= 1
      guard state.missing == 0 else { return nil }
      state.isOver = true
      return state.replies.compactMap { $0 }
    }
    guard let replies else { return }
    responder.respond(.ok, .json, headers: headers) { writer.append(replies, to: &$0) }
  }

  /// One row without an answer is none for all: the others stop.
  func fail(_ error: ServiceError, row: Int) {
    let isFirst = state.withLock { state in
      defer { state.isOver = true }
      return !state.isOver
    }
    guard isFirst else { return }
    responder.fail(error.naming(name(row)))
  }
}

extension ServiceError {
  /// The error with the instance that it is about in front.
  func naming(_ instance: String) -> ServiceError {
    ServiceError(status, "\(instance): \(message)", retryAfterSeconds: retryAfterSeconds)
  }
}
