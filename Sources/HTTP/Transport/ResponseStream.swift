/// The body of a streamed answer: chunked for HTTP/1.1, ended by closing for HTTP/1.0.
///
/// Usable from any thread, in order. Every write goes out at the end of the loop's iteration.
package struct ResponseStream: Sendable {
  let connection: Connection
  let generation: UInt64

  /// Sends these bytes.
  ///
  /// A client that reads too slowly is disconnected, see `ServerLimits.streamBacklogBytes`.
  package func write(_ bytes: [UInt8]) {
    connection.loop.perform { [self] in connection.writeToStream(generation, bytes) }
  }

  /// Ends the body.
  ///
  /// Writes after it are ignored.
  package func finish() {
    connection.loop.perform { [self] in connection.finishStream(generation) }
  }

  /// Breaks the connection off, so that the client sees the body is incomplete.
  package func abort() {
    connection.loop.perform { [self] in connection.abortStream(generation) }
  }

  /// Whether the client has gone.
  package var isCancelled: Bool { connection.isCancelled(generation) }
}
