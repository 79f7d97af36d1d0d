/// The server-sent events of a response, one after the other.
package final class ClientEventStream {
  private let stream: ClientStream
  private var parser: EventStreamParser
  private var waiting: ArraySlice<ServerSentEvent> = []
  /// Id of the event that was answered last.
  private var answeredID: String?

  /// Reads the events of this response.
  ///
  /// - Parameters:
  ///   - stream: A response of type `text/event-stream`.
  ///   - lastEventID: What the request said in `Last-Event-ID`.
  package init(_ stream: ClientStream, lastEventID: String? = nil) {
    self.stream = stream
    parser = EventStreamParser(lastEventID: lastEventID)
    answeredID = lastEventID
  }

  /// The id in force: what `Last-Event-ID` should say when the stream broke off.
  ///
  /// Never that of an event that `next` has not answered yet.
  package var lastEventID: String? { waiting.isEmpty ? parser.lastEventID : answeredID }

  /// Waits for the next event; nil when the stream has ended.
  ///
  /// Comments are skipped but count as a sign of life: only a stream that is silent for the client's
  /// time throws `.timeout`.
  package func next() throws(HTTPClient.Failure) -> ServerSentEvent? {
    while waiting.isEmpty {
      guard let bytes = try stream.read() else { return nil }
      do throws(RequestError) {
        waiting = try parser.feed(bytes)[...]
      } catch {
        throw .malformed(error.message)
      }
    }
    let event = waiting.popFirst()
    answeredID = event?.id
    return event
  }
}
