/// The newest events of a stream as they are sent, numbered from 1.
struct EventLog {
  /// Bytes kept: the oldest events go when more come.
  let byteCountMax: Int
  private var events: [[UInt8]] = []
  /// Bytes of `events`.
  private(set) var byteCount = 0
  /// Number of the last event that is no longer kept; 0 while all are.
  private(set) var dropped = 0

  init(byteCountMax: Int) { self.byteCountMax = byteCountMax }

  /// Number of the last event; 0 before the first.
  var last: Int { dropped + events.count }

  /// Adds an event, which gets the number `last + 1`.
  mutating func append(_ event: [UInt8]) {
    events.append(event)
    byteCount += event.count
    guard byteCount > byteCountMax else { return }
    // A quarter at a time, so that a long stream does not move all its events for each new one.
    var count = 0
    while count < events.count - 1, byteCount > byteCountMax / 4 * 3 {
      byteCount -= events[count].count
      count += 1
    }
    events.removeFirst(count)
    dropped += count
  }

  /// The events behind number `number` up to `byteCount` bytes, one at least where there is one.
  ///
  /// - Returns: Their bytes and the number of the last of them; nil where the next event is no longer kept.
  func events(after number: Int, byteCount: Int) -> (bytes: [UInt8], last: Int)? {
    guard number >= dropped else { return nil }
    var bytes: [UInt8] = []
    var last = number
    while last < self.last, bytes.isEmpty || bytes.count < byteCount {
      bytes += events[last - dropped]
      last += 1
    }
    return (bytes, last)
  }
}
