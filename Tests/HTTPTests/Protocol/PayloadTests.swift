import Testing

@testable import HTTP

@Suite struct PayloadTests {
  @Test(arguments: Payload.all)
  func hasTheExpectedVerdict(payload: Payload) {
    #expect(ConnectionDriver.transcript([payload.bytes[...]]) == payload.events)
  }

  @Test(arguments: Payload.all)
  func verdictDoesNotDependOnWhereTheBytesAreSplit(payload: Payload) {
    for split in payload.bytes.indices {
      let events = ConnectionDriver.transcript([
        payload.bytes[..<split], payload.bytes[split...],
      ])
      #expect(events == payload.events, "split at \(split)")
    }
  }

  @Test(arguments: Payload.all)
  func verdictIsTheSameByteByByte(payload: Payload) {
    let pieces = payload.bytes.indices.map { payload.bytes[$0...$0] }
    #expect(ConnectionDriver.transcript(pieces) == payload.events)
  }
}
