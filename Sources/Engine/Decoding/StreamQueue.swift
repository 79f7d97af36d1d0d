/// Streams in the order in which they came.
struct StreamQueue {
  private var streams: [DecodingStream] = []
  private var head = 0

  /// Entries in front that may be empty before the others move up.
  private static let slack = 256

  var isEmpty: Bool { head == streams.count }
  var count: Int { streams.count - head }
  var first: DecodingStream? { isEmpty ? nil : streams[head] }

  mutating func append(_ stream: DecodingStream) { streams.append(stream) }

  mutating func removeFirst() {
    head += 1
    if head == streams.count || head > Self.slack {
      streams.removeFirst(head)
      head = 0
    }
  }

  /// Ends the streams that nobody waits for.
  mutating func removeCancelled() {
    guard streams[head...].contains(where: \.observer.isCancelled) else { return }
    streams.removeFirst(head)
    head = 0
    streams.removeAll { stream in
      guard stream.observer.isCancelled else { return false }
      stream.finish(.cancelled)
      return true
    }
  }
}
