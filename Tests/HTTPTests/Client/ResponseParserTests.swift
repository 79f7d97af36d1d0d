import Testing

@testable import HTTP

@Suite struct ResponseParserTests {
  /// Parses a response fed byte by byte; nil while it is incomplete.
  private func parse(_ text: String, isHead: Bool = false) throws -> ClientResponse? {
    var parser = ResponseParser(isHead: isHead)
    var input = ByteBuffer()
    for byte in text.utf8 {
      input.append(byte)
      if try parser.parse(&input) != nil { return parser.response }
    }
    return nil
  }

  @Test func lengthEndsTheBody() throws {
    let response = try parse("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX: y\r\n\r\nabc")
    #expect(response?.status == 200)
    #expect(response?.text == "abc")
    #expect(response?["x"] == "y")
    #expect(response?.closes == false)
  }

  @Test func chunksAreJoined() throws {
    let response = try parse(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    )
    #expect(response?.text == "abc")
  }

  @Test(arguments: ["HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\n\r\n"])
  func someStatusesHaveNoBody(text: String) throws {
    #expect(try parse(text)?.body == [])
  }

  @Test func answerToHeadHasNoBody() throws {
    #expect(try parse("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", isHead: true)?.body == [])
  }

  @Test func closeAndOldVersionsCloseTheConnection() throws {
    let close = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    #expect(try parse(close)?.closes == true)
    #expect(try parse("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")?.closes == true)
  }

  @Test(arguments: [
    "HTTP/2 200\r\n\r\n", "nonsense\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "HTTP/1.1 200 OK\n\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
  ])
  func malformedResponsesAreErrors(text: String) {
    #expect(throws: HTTPClient.Failure.self) { try parse(text) }
  }

  @Test func silentServerIsATimeout() throws {
    let test = try TestServer()
    let client = HTTPClient(port: test.server.port, timeoutSeconds: 0.05)
    #expect(throws: HTTPClient.Failure.timeout) { try client.send("GET", "/later") }
  }

  @Test func closedPortIsAnError() throws {
    let test = try TestServer()
    let port = test.server.port
    test.server.stop()
    test.server.waitUntilStopped()
    #expect(throws: HTTPClient.Failure.self) {
      try HTTPClient(port: port, timeoutSeconds: 1).send("GET", "/")
    }
  }
}
