import HTTP
import Testing

@testable import Service

/// Events are numbered, bounded, and cut into pieces by size.
@Suite struct EventLogTests {
  static func event(_ number: Int, _ size: Int = 10) -> [UInt8] {
    [UInt8](repeating: UInt8(number % 256), count: size)
  }

  @Test func eventsComeBehindANumber() throws {
    var log = EventLog(byteCountMax: 1000)
    let noneEvents = log.events(after: 0, byteCount: 100)
    let none = try #require(noneEvents)
    #expect(none == ([], 0))
    for number in 1...5 { log.append { $0.append(Self.event(number)) } }
    // What writes nothing is no event.
    log.append { _ in }
    let (last, byteCount, dropped) = (log.last, log.byteCount, log.dropped)
    #expect(last == 5 && byteCount == 50 && dropped == 0)
    let pieceEvents = log.events(after: 1, byteCount: 15)
    let piece = try #require(pieceEvents)
    #expect(piece == (Self.event(2) + Self.event(3), 3))
    // One event at least, however little may be sent.
    let oneEvents = log.events(after: 4, byteCount: 0)
    let one = try #require(oneEvents)
    #expect(one == (Self.event(5), 5))
  }

  @Test func theOldestGoWhereTheBytesAreTooMany() throws {
    var log = EventLog(byteCountMax: 100)
    for number in 1...1000 {
      log.append { $0.append(Self.event(number)) }
      let (last, byteCount, dropped) = (log.last, log.byteCount, log.dropped)
      #expect(byteCount <= 100 && byteCount == (last - dropped) * 10)
      #expect(last == number)
      let oldestEvents = log.events(after: dropped, byteCount: 1)
      let oldest = try #require(oldestEvents)
      #expect(oldest == (Self.event(dropped + 1), dropped + 1))
    }
    let (dropped, byteCount) = (log.dropped, log.byteCount)
    let gone = log.events(after: dropped - 1, byteCount: 10)
    #expect(gone == nil)
    let keptEvents = log.events(after: dropped, byteCount: 1000)
    let kept = try #require(keptEvents)
    #expect(kept.last == 1000)
    #expect(kept.bytes.count == byteCount)
    // An event larger than all is kept alone.
    log.append { $0.append(Self.event(0, 500)) }
    let (left, all) = (log.byteCount, log.dropped)
    #expect(left == 500 && all == 1000)
  }
}
