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

  /// Why this request's body is not worth reading, such as missing authorisation; nil to read it.
  ///
  /// Called when the head is complete and a body follows, before `bodyLimit`. The refusal is sent at
  /// once, instead of `100 Continue` if the client waits for that, and the connection closes.
  func refusal(for request: Request) -> Refusal?

  /// What takes this request's body as it arrives; nil to have it collected in `request.body`.
  ///
  /// Called when the head is complete and a body follows, after `refusal` and `bodyLimit`, whose
  /// limit holds for streamed bodies too.
  ///
  /// - Throws: Why the body is not worth reading.
  func bodySink(for request: Request) throws(Refusal) -> (any BodySink)?

  /// Called on the request's event loop when the head of its answer, and all of it but for a streamed one, is written
  /// into the connection's output: the moment to count it. Must not block.
  ///
  /// A request that could not be read has no `routeID`; nor may more of it be there than that.
  func didRespond(to request: Request, _ status: Status)

  /// Called on loop `loopIndex` when all requests that had arrived were handled and before responses
  /// are written: the moment to run what `handle` collected as one batch.
  func endOfIteration(loopIndex: Int)
}

extension RequestHandler {
  package func bodyLimit(for request: Request) -> Int? { nil }
  package func refusal(for request: Request) -> Refusal? { nil }
  package func bodySink(for request: Request) throws(Refusal) -> (any BodySink)? { nil }
  package func didRespond(to request: Request, _ status: Status) {}
  package func endOfIteration(loopIndex: Int) {}
}
