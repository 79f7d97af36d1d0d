/// Answers one request, exactly once, from any thread.
///
/// A second answer is ignored.
///
/// On the event loop's own thread (in `handle` and `endOfIteration`) the answer is written straight
/// into the connection's output: no lock, no allocation. From other threads it is written into a
/// buffer of its own and handed to the loop.
package struct Responder: Sendable {
  let connection: Connection
  let generation: UInt64

  /// Answers with a body that `write` puts straight into the output.
  ///
  /// If it throws, what it wrote is taken back and the request is still unanswered.
  package func respond(
    _ status: Status,
    _ contentType: ContentType,
    headers: ResponseHeaders = .none,
    write: (inout ByteBuffer) throws -> Void
  ) rethrows {
    if connection.loop.isCurrent {
      try connection.respond(generation, status, contentType, headers, write: write)
      return
    }
    var body = ByteBuffer()
    try write(&body)
    let box = BodyBox(body)
    connection.loop.submit { [self] in
      connection.respond(generation, status, contentType, headers) {
        $0.append(box.body.readable)
      }
    }
  }

  /// Answers with these bytes.
  package func respond(
    _ status: Status,
    _ contentType: ContentType,
    headers: ResponseHeaders = .none,
    bytes: [UInt8]
  ) {
    respond(status, contentType, headers: headers) { $0.append(bytes) }
  }

  /// Answers with constant text.
  package func respond(
    _ status: Status,
    _ contentType: ContentType,
    headers: ResponseHeaders = .none,
    text: StaticString
  ) {
    respond(status, contentType, headers: headers) { $0.append(text) }
  }

  /// Answers without a body.
  package func respond(_ status: Status, headers: ResponseHeaders = .none) {
    respond(status, .none, headers: headers) { _ in }
  }

  /// Begins an answer whose body is written bit by bit, such as server-sent events or, with its
  /// `length` in bytes, a file.
  package func stream(
    _ status: Status,
    _ contentType: ContentType,
    headers: ResponseHeaders = .none,
    length: Int? = nil
  ) -> ResponseStream {
    connection.loop.perform { [self] in
      connection.beginStream(generation, status, contentType, headers, length: length)
    }
    return ResponseStream(connection: connection, generation: generation)
  }

  /// Gives the request's bytes back before it is answered; in `handle` only, and without effect from other threads.
  ///
  /// Nothing of the request may be looked at afterwards, but for `routeID`, `receivedAt` and `subject` in `didRespond`.
  package func releaseRequest() { connection.releaseRequest(generation) }

  /// Whether the client has gone: its connection broke, or it will send no more.
  ///
  /// Work may be dropped; an answer given all the same is sent if anybody still reads.
  package var isCancelled: Bool { connection.isCancelled(generation) }

  /// Calls `action` once on the loop's thread if the client goes before the answer is complete.
  package func onCancel(_ action: @escaping @Sendable () -> Void) {
    connection.loop.perform { [self] in connection.setCancelAction(generation, action) }
  }
}

/// Carries a body from another thread to the loop.
///
/// `@unchecked Sendable`: written before it is submitted and read once afterwards; the loop's inbox
/// orders the two.
private final class BodyBox: @unchecked Sendable {
  let body: ByteBuffer

  init(_ body: consuming ByteBuffer) {
    self.body = body
  }
}
