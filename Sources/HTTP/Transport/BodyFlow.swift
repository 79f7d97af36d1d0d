/// Holds up and continues the reading of one streamed request body.
///
/// While it is held up the client's bytes wait in the kernel and TCP slows the client down; the
/// deadlines of the body stand still.
package struct BodyFlow: Sendable {
  let connection: Connection
  let generation: UInt64

  /// Reads no more until `resume`.
  ///
  /// Only inside `BodySink.receive`. After the last bytes it holds up `handle`.
  package func pause() { connection.pauseBody(generation) }

  /// Reads on; without effect where nothing is paused.
  ///
  /// Any thread.
  package func resume() {
    connection.loop.perform { [self] in connection.resumeBody(generation) }
  }

  /// Answers at once and closes, as if `receive` had thrown: for failures found on another thread.
  ///
  /// Any thread; without effect once the body was received whole, so leave the failure in the sink as well.
  package func refuse(_ refusal: Refusal) {
    connection.loop.submit { [self] in connection.refuseBody(generation, refusal) }
  }
}
