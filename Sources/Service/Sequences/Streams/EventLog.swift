import HTTP

/// The newest events of a stream as they are sent, numbered from 1.
///
/// They lie one behind the other, so that adding one allocates nothing and sending many copies once.
struct EventLog: ~Copyable {
  let byteCountMax: Int
  private var bytes = ByteBuffer()
  /// Where each kept event ends, counted in bytes since the first event of all.
  private var ends: [Int] = []
  /// Bytes of the events that are no longer kept.
  private var droppedByteCount = 0
  /// Number of the last event that is no longer kept; 0 while all are.
  private(set) var dropped = 0

  /// - Parameter byteCountMax: Bytes kept: the oldest events go when more come.
  init(byteCountMax: Int) { self.byteCountMax = byteCountMax }

  /// Number of the last event; 0 before the first.
  var last: Int { dropped + ends.count }

  /// Bytes of the kept events.
  var byteCount: Int { bytes.count }

  /// Adds the event that `write` appends, which gets the number `last + 1`; none where it appends nothing.
  mutating func append(_ write: (inout ByteBuffer) -> Void) {
    let before = bytes.count
    write(&bytes)
    guard bytes.count > before else { return }
    ends.append(droppedByteCount + bytes.count)
    if bytes.count > byteCountMax { dropOldest() }
  }

  /// Lets a quarter go at a time, so that a long stream does not move all its events for each new one.
  private mutating func dropOldest() {
    let appended = droppedByteCount + bytes.count
    var count = 0
    while count < ends.count - 1, appended - end(of: count) > byteCountMax / 4 * 3 { count += 1 }
    guard count > 0 else { return }
    let dropping = end(of: count) - droppedByteCount
    bytes.consume(dropping)
    droppedByteCount += dropping
    ends.removeFirst(count)
    dropped += count
  }

  /// Where the first `count` kept events end.
  private func end(of count: Int) -> Int { count == 0 ? droppedByteCount : ends[count - 1] }

  /// The events behind number `number` up to `byteCount` bytes, one at least where there is one.
  ///
  /// - Returns: Their bytes and the number of the last of them; nil where the next event is no longer kept.
  func events(after number: Int, byteCount: Int) -> (bytes: [UInt8], last: Int)? {
    guard number >= dropped else { return nil }
    let start = end(of: number - dropped)
    var last = number
    while last < self.last, last == number || end(of: last - dropped) - start < byteCount {
      last += 1
    }
    let range = start - droppedByteCount..<end(of: last - dropped) - droppedByteCount
    return ([UInt8](bytes.readable[range]), last)
  }
}
