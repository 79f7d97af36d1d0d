/// The body of a streamed answer: of the length announced, else chunked for HTTP/1.1 and ended by
/// closing for HTTP/1.0.
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

  /// Calls `action` once on the loop's thread when little of what was written is still to be sent:
  /// the moment to write more, see `ServerLimits.streamRefillBytes`.
  ///
  /// Never if the client goes first, so that what `action` keeps is freed then.
  package func whenReady(_ action: @escaping @Sendable () -> Void) {
    connection.loop.perform { [self] in connection.setStreamReadyAction(generation, action) }
  }

  /// Calls `action` once on the loop's thread: now if this is it.
  package func perform(_ action: @escaping @Sendable () -> Void) {
    connection.loop.perform(action)
  }

  /// Calls `action` once at the loop's next beat, `EventLoop.beatNanoseconds` from now at the latest: the moment for a writer that has
  /// just written, and makes more all the time, to write what has come since.
  ///
  /// On the loop's thread only; also called if the client has gone meanwhile.
  package func atNextBeat(_ action: @escaping @Sendable () -> Void) {
    connection.loop.atNextBeat(action)
  }

  /// Ends the body.
  ///
  /// Writes after it are ignored; a body shorter than announced breaks the connection off.
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
