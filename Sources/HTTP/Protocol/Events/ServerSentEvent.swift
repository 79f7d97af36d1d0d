/// One event of a `text/event-stream` (WHATWG HTML §9.2).
package struct ServerSentEvent: Equatable, Sendable {
  /// Where a client that reconnects goes on, in `Last-Event-ID`; nil leaves the last one in force.
  package var id: String?
  /// The event's type; nil for `message`.
  package var event: String?
  /// The text, of any number of lines.
  package var data: String
  /// How long the client waits before it reconnects, milliseconds.
  package var retryMilliseconds: Int?

  package init(
    id: String? = nil,
    event: String? = nil,
    data: String,
    retryMilliseconds: Int? = nil
  ) {
    self.id = id
    self.event = event
    self.data = data
    self.retryMilliseconds = retryMilliseconds
  }

  /// A comment that no client shows: keeps proxies from closing a quiet stream.
  package static let ping: [UInt8] = Array(": ping\n\n".utf8)

  /// The event as it is sent, with the empty line that ends it.
  package var bytes: [UInt8] {
    var output: [UInt8] = []
    if let id { Self.append("id", id, to: &output) }
    if let event { Self.append("event", event, to: &output) }
    if let retryMilliseconds { Self.append("retry", "\(max(0, retryMilliseconds))", to: &output) }
    appendData(to: &output)
    output.append(ASCII.lineFeed)
    return output
  }

  /// One line; bytes that would end it, or make clients ignore an id (NUL), become spaces.
  private static func append(_ field: String, _ value: String, to output: inout [UInt8]) {
    output.append(contentsOf: "\(field): ".utf8)
    output.append(
      contentsOf: value.utf8.lazy.map {
        $0 == ASCII.lineFeed || $0 == ASCII.carriageReturn || $0 == 0 ? ASCII.space : $0
      }
    )
    output.append(ASCII.lineFeed)
  }

  /// A `data` line for each line of the text, which may end in CR LF, LF or CR.
  private func appendData(to output: inout [UInt8]) {
    let field = Array("data: ".utf8)
    output.append(contentsOf: field)
    var previous: UInt8 = 0
    for byte in data.utf8 {
      defer { previous = byte }
      if byte == ASCII.lineFeed, previous == ASCII.carriageReturn { continue }
      if byte == ASCII.lineFeed || byte == ASCII.carriageReturn {
        output.append(ASCII.lineFeed)
        output.append(contentsOf: field)
      } else {
        output.append(byte)
      }
    }
    output.append(ASCII.lineFeed)
  }
}
