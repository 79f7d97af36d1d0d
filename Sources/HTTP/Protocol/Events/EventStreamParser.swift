/// Reads a `text/event-stream` as it arrives (WHATWG HTML §9.2.6), whatever its pieces are.
package struct EventStreamParser {
  /// Largest event, bytes.
  package static let eventBytesMax = 1024 * 1024

  /// The id in force: what `Last-Event-ID` says when the stream is opened again.
  ///
  /// An `id` line counts from the end of its block on: a block that breaks off has no effect.
  package private(set) var lastEventID: String?

  /// The id that comes into force at the end of this block.
  private var nextEventID: String?
  private var line: [UInt8] = []
  private var event = ServerSentEvent(data: "")
  private var data: [UInt8] = []
  private var hasData = false
  private var eventBytes = 0
  private var previous: UInt8 = 0
  private var isFirstLine = true

  /// A parser for one stream; `lastEventID` is the id at which it goes on.
  package init(lastEventID: String? = nil) {
    self.lastEventID = lastEventID
    nextEventID = lastEventID
  }

  /// Reads more of the stream and answers the events that are complete.
  ///
  /// - Throws: `RequestError` where one event is larger than `eventBytesMax`.
  package mutating func feed(_ bytes: [UInt8]) throws(RequestError) -> [ServerSentEvent] {
    var events: [ServerSentEvent] = []
    for byte in bytes {
      defer { previous = byte }
      // CR LF, LF and CR each end a line.
      if byte == ASCII.lineFeed, previous == ASCII.carriageReturn { continue }
      guard byte == ASCII.lineFeed || byte == ASCII.carriageReturn else {
        eventBytes += 1
        guard eventBytes <= Self.eventBytesMax else {
          throw RequestError(
            .contentTooLarge,
            "An event is larger than \(Self.eventBytesMax) bytes."
          )
        }
        line.append(byte)
        continue
      }
      if let event = endLine() { events.append(event) }
    }
    return events
  }

  /// Takes in one line; an empty one completes an event, if it has data.
  private mutating func endLine() -> ServerSentEvent? {
    var text = line[...]
    if isFirstLine, text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
    isFirstLine = false
    defer { line.removeAll(keepingCapacity: true) }
    guard text.isEmpty else {
      field(text)
      return nil
    }
    defer {
      event = ServerSentEvent(data: "")
      data = []
      hasData = false
      eventBytes = 0
    }
    lastEventID = nextEventID
    guard hasData else { return nil }
    event.data = String(decoding: data, as: UTF8.self)
    event.id = lastEventID
    return event
  }

  private mutating func field(_ text: ArraySlice<UInt8>) {
    let colon = text.firstIndex(of: ASCII.colon) ?? text.endIndex
    var value = text[colon...].dropFirst()
    if value.first == ASCII.space { value = value.dropFirst() }
    switch String(decoding: text[..<colon], as: UTF8.self) {
    case "data":
      if hasData { data.append(ASCII.lineFeed) }
      hasData = true
      data.append(contentsOf: value)
    case "event": event.event = String(decoding: value, as: UTF8.self)
    case "id" where !value.contains(0): nextEventID = String(decoding: value, as: UTF8.self)
    case "retry":
      event.retryMilliseconds = value.withUnsafeBytes { BorrowedBytes($0).decimal }
    default: break
    }
  }
}
