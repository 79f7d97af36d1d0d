import Testing

@testable import Service

/// Events are numbered, bounded, and cut into pieces by size.
@Suite struct EventLogTests {
  static func event(_ number: Int, _ size: Int = 10) -> [UInt8] {
    [UInt8](repeating: UInt8(number % 256), count: size)
  }

  @Test func eventsComeBehindANumber() throws {
    var log = EventLog(byteCountMax: 1000)
    #expect(try #require(log.events(after: 0, byteCount: 100)) == ([], 0))
    for number in 1...5 { log.append(Self.event(number)) }
    #expect(log.last == 5 && log.byteCount == 50 && log.dropped == 0)
    let piece = try #require(log.events(after: 1, byteCount: 15))
    #expect(piece == (Self.event(2) + Self.event(3), 3))
    // One event at least, however little may be sent.
    #expect(try #require(log.events(after: 4, byteCount: 0)) == (Self.event(5), 5))
  }

  @Test func theOldestGoWhereTheBytesAreTooMany() throws {
    var log = EventLog(byteCountMax: 100)
    for number in 1...1000 {
      log.append(Self.event(number))
      #expect(log.byteCount <= 100)
      #expect(log.last == number)
    }
    #expect(log.events(after: log.dropped - 1, byteCount: 10) == nil)
    let kept = try #require(log.events(after: log.dropped, byteCount: 1000))
    #expect(kept.last == 1000)
    #expect(kept.bytes.count == log.byteCount)
    // An event larger than all is kept alone.
    log.append(Self.event(0, 500))
    #expect(log.byteCount == 500 && log.dropped == 1000)
  }
}
