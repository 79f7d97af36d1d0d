/// What the server asks for an answer to each request.
///
/// Shared by all event loops.
package protocol RequestHandler: Sendable {
  /// Called on an event loop with a complete request. Answer now, in `endOfIteration`, or later from
  /// any thread, exactly once, through `responder`. Must not block.
  func handle(_ request: Request, _ responder: Responder)

  /// The largest body accepted for this request, bytes; nil for the server's default. Called when
  /// the head is complete and a body follows; `request.body` is empty.
  func bodyLimit(for request: Request) -> Int?

  /// Called on loop `loopIndex` when all requests that had arrived were handled and before responses
  /// are written: the moment to run what `handle` collected as one batch.
  func endOfIteration(loopIndex: Int)
}

extension RequestHandler {
  package func bodyLimit(for request: Request) -> Int? { nil }
  package func endOfIteration(loopIndex: Int) {}
}
