import Testing

@testable import HTTP

@Suite struct EventStreamTests {
  private static func text(_ event: ServerSentEvent) -> String {
    String(decoding: event.bytes, as: UTF8.self)
  }

  @Test func fieldsAreWrittenOnePerLine() {
    let event = ServerSentEvent(id: "7", event: "metrics", data: "{}", retryMilliseconds: 500)
    #expect(Self.text(event) == "id: 7\nevent: metrics\nretry: 500\ndata: {}\n\n")
  }

  @Test(arguments: [
    ("a\nb", "data: a\ndata: b\n\n"), ("a\r\nb\rc", "data: a\ndata: b\ndata: c\n\n"),
    ("", "data: \n\n"), ("a\n", "data: a\ndata: \n\n"), ("\n\n", "data: \ndata: \ndata: \n\n"),
  ])
  func everyLineOfTheDataHasItsField(data: String, text: String) {
    #expect(Self.text(ServerSentEvent(data: data)) == text)
  }

  @Test func noIdOrTypeCanAddALine() {
    let event = ServerSentEvent(id: "a\nb\0", event: "c\r\nd", data: "e")
    #expect(Self.text(event) == "id: a b \nevent: c  d\ndata: e\n\n")
  }

  private static func events(_ pieces: [ArraySlice<UInt8>]) throws -> [ServerSentEvent] {
    var parser = EventStreamParser()
    return try pieces.flatMap { try parser.feed(Array($0)) }
  }

  @Test func whatIsWrittenIsReadAtEverySplit() throws {
    let written = [
      ServerSentEvent(id: "1", event: "message", data: "one\ntwo", retryMilliseconds: 10),
      ServerSentEvent(id: "1", data: " leading space and: colon"),
      ServerSentEvent(id: "2", data: ""),
    ]
    var first = written[1]
    first.id = nil
    let bytes = written[0].bytes + ServerSentEvent.ping + first.bytes + written[2].bytes
    for split in 0...bytes.count {
      #expect(try Self.events([bytes[..<split], bytes[split...]]) == written, "at \(split)")
    }
  }

  @Test(arguments: [
    ("data:a\r\rdata: b\r\n\r\ndata:  c\n\n", ["a", "b", " c"]),
    ("\u{FEFF}data: a\n\n", ["a"]), ("data\ndata\n\n", ["\n"]), ("data: a", []),
    ("event: x\n\ndata: y\n\n", ["y"]), (": comment\nunknown: z\ndata: a\n\n", ["a"]),
  ])
  func linesEndAndFieldsAreReadAsTheStandardSays(text: String, data: [String]) throws {
    #expect(try Self.events([Array(text.utf8)[...]]).map(\.data) == data)
  }

  @Test func idsStayInForceAndNULIsNoId() throws {
    var parser = EventStreamParser(lastEventID: "5")
    #expect(try parser.feed(Array("data: a\n\n".utf8)).map(\.id) == ["5"])
    #expect(try parser.feed(Array("id: 6\n\nid: 7\0\ndata: b\n\n".utf8)).map(\.id) == ["6"])
    #expect(parser.lastEventID == "6")
  }

  /// The id of a block that breaks off must not be said in Last-Event-ID: its event was never seen.
  @Test func anIdCountsFromTheEndOfItsBlock() throws {
    var parser = EventStreamParser(lastEventID: "5")
    #expect(try parser.feed(Array("id: 6\ndata: a\n".utf8)).isEmpty)
    #expect(parser.lastEventID == "5")
    #expect(try parser.feed(Array("\n".utf8)).map(\.id) == ["6"])
    #expect(parser.lastEventID == "6")
    // A block without data is no event, but its id counts.
    #expect(try parser.feed(Array("id: 7\n\n".utf8)).isEmpty)
    #expect(parser.lastEventID == "7")
  }

  @Test func anEventIsBounded() {
    var parser = EventStreamParser()
    let line = Array(("data: " + String(repeating: "x", count: 1000) + "\n").utf8)
    #expect(throws: RequestError.self) { for _ in 0..<2000 { _ = try parser.feed(line) } }
  }
}
