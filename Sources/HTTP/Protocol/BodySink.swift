/// Takes a request's body as it arrives, instead of the server collecting it.
///
/// All calls come from the request's event loop and must not block. A body that arrives whole ends
/// with `RequestHandler.handle`, where the sink is `request.sink`; one that does not ends with
/// `abandon`. After `receive` has thrown nothing more is called.
package protocol BodySink: AnyObject, Sendable {
  /// Takes the next bytes, after chunk decoding; they are valid during the call only.
  ///
  /// - Parameters:
  ///   - bytes: At least one byte, at most about `ServerLimits.streamedReadBytes`.
  ///   - flow: Pauses and resumes the reading of this body.
  /// - Throws: Why the rest is not worth reading; it is answered and the connection closed.
  func receive(_ bytes: UnsafeRawBufferPointer, _ flow: BodyFlow) throws(Refusal)

  /// The rest will not come: the client went away, was too slow or broke the framing.
  func abandon()
}
