import Testing

@testable import HTTP

@Suite struct StreamedBodyServerTests {
  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static func post(_ path: String, _ body: String) -> String {
    "POST \(path) HTTP/1.1\r\nHost: a\r\nX-Name: n\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  @Test func bodyReachesTheSinkInBoundedPiecesAndTheHeadStays() throws {
    let test = try TestServer()
    var body = [UInt8](repeating: 0, count: 5_000_000)
    var sum: UInt64 = 0
    for index in body.indices {
      body[index] = UInt8(truncatingIfNeeded: index &* 31 >> 3)
      sum = sum &* 31 &+ UInt64(body[index])
    }
    let client = test.client()
    for index in 0..<2 {
      let response = try client.send("POST", "/upload", headers: [("X-Name", "me")], body: body)
      #expect(response.text == "me 5000000 0")
      let state = try #require(test.handler.sinks.last).current
      #expect(state.sum == sum)
      #expect(state.largestPiece <= 2 * ServerLimits().streamedReadBytes)
      #expect(!state.isAbandoned)
      #expect(test.handler.sinks.count == index + 1)
    }
  }

  @Test func chunkedAndPipelinedBodiesAreKeptApart() throws {
    let test = try TestServer()
    let client = test.client()
    let chunked =
      "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    let echo = Self.post("/echo", "plain")
    try client.sendRaw(Self.bytes(Self.post("/upload", "hello") + chunked + echo + chunked))
    #expect(try client.receive().text == "n 5 0")
    #expect(try client.receive().text == "- 3 0")
    #expect(try client.receive().text == "plain")
    #expect(try client.receive().text == "- 3 0")
    #expect(
      test.handler.sinks.map { String(decoding: $0.current.text, as: UTF8.self) }
        == ["hello", "abc", "abc"]
    )
  }

  @Test func requestWithoutABodyHasNoSink() throws {
    let test = try TestServer()
    #expect(try test.client().send("POST", "/upload").text == "- -1 0")
  }

  @Test func pausedBodyWaitsUntilItIsResumed() throws {
    let test = try TestServer { $0.limits.bodyGraceSeconds = 0.05 }
    let client = test.client()
    try client.sendRaw(Self.bytes(Self.post("/paused", "hello") + Self.post("/echo", "next")))
    #expect(eventually { test.handler.sinks.first?.current.count == 5 })
    pause(milliseconds: 100)
    #expect(test.server.requestCount == 0)
    let sink = try #require(test.handler.sinks.first)
    #expect(sink.resume())
    #expect(try client.receive().text == "n 5 0")
    #expect(try client.receive().text == "next")
    sink.resume()
  }

  @Test func pausingAfterEveryPieceLosesNothing() throws {
    let test = try TestServer { $0.limits.streamedReadBytes = 10_000 }
    let handler = test.handler
    let client = test.client()
    let body = [UInt8](repeating: 0x61, count: 300_000)
    try client.sendRaw(
      Self.bytes("POST /paused HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n") + body
    )
    #expect(
      eventually {
        handler.sinks.first?.resume()
        return test.server.requestCount == 1
      }
    )
    #expect(try client.receive().text == "- 300000 0")
  }

  @Test func clientThatGoesInMidBodyAbandonsTheSink() throws {
    let test = try TestServer()
    for path in ["/upload", "/paused"] {
      let client = test.client()
      try client.sendRaw(
        Self.bytes("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
      )
      #expect(eventually { test.handler.sinks.last?.current.count == 3 })
      client.close()
      let sink = try #require(test.handler.sinks.last)
      #expect(
        eventually {
          sink.resume()
          return sink.current.isAbandoned
        }
      )
    }
    #expect(test.server.requestCount == 0)
    #expect(try test.client().send("POST", "/echo", body: [7]).body == [7])
  }

  @Test func brokenFramingAndSlownessAbandonTheSink() throws {
    let test = try TestServer { $0.limits.bodyGraceSeconds = 0.05 }
    for (body, status) in [("3\r\nabcX", 400), ("3\r\na", 408)] {
      let client = test.client()
      try client.sendRaw(
        Self.bytes(
          "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body)"
        )
      )
      #expect(try client.receive().status == status)
      #expect(try client.waitForClose())
      #expect(test.handler.sinks.last?.current.isAbandoned == true)
    }
  }

  @Test func stoppingServerAbandonsTheSink() throws {
    let test = try TestServer()
    let client = test.client()
    try client.sendRaw(
      Self.bytes("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
    )
    #expect(eventually { test.handler.sinks.last?.current.count == 3 })
    test.server.stop()
    test.server.waitUntilStopped()
    #expect(test.handler.sinks.last?.current.isAbandoned == true)
  }

  @Test func refusalInMidBodyIsAnsweredAndTheConnectionCloses() throws {
    let test = try TestServer { $0.limits.lingerBytes = 1 << 20 }
    let client = test.client()
    let response = try client.send("POST", "/full", body: [UInt8](repeating: 1, count: 500_000))
    #expect(response.status == 507)
    #expect(response.text == "full")
    #expect(response.closes)
    #expect(test.server.requestCount == 0)
    #expect(test.handler.sinks.last?.current.isAbandoned == false)
  }

  @Test func refusalFromAnotherThreadIsAnswered() throws {
    let test = try TestServer()
    let client = test.client()
    try client.sendRaw(
      Self.bytes("POST /paused HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
    )
    #expect(eventually { test.handler.sinks.last?.current.flow != nil })
    test.handler.sinks.last?.current.flow?.refuse(RecordingSink.refusal)
    #expect(try client.receive().status == 507)
    #expect(try client.waitForClose())
  }

  @Test func unwantedOrTooLargeBodyGetsNoSink() throws {
    let test = try TestServer { $0.limits.bodyBytes = 10 }
    for (path, status) in [("/unwanted", 507), ("/upload", 413)] {
      let client = test.client()
      try client.sendRaw(
        Self.bytes(
          "POST \(path) HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: \(path == "/upload" ? 11 : 1)\r\n\r\n"
        )
      )
      #expect(try client.receive().status == status)
    }
    #expect(test.handler.sinks.isEmpty)
  }

  @Test func streamsOfAnnouncedLengthHaveExactlyThat() throws {
    let test = try TestServer()
    let client = test.client()
    let response = try client.send("GET", "/file")
    #expect(response["content-length"] == "1000000")
    #expect(response["transfer-encoding"] == nil)
    #expect(response.body == [UInt8](repeating: 0x66, count: 1_000_000))
    let head = try client.send("HEAD", "/file")
    #expect(head["content-length"] == "1000000")
    #expect(head.body.isEmpty)
    #expect(throws: HTTPClient.Failure.closed) { try client.send("GET", "/short") }
    #expect(try client.send("GET", "/big?n=1").text == "b")
  }

  @Test func writerOfALongStreamIsAskedWhenThereIsRoom() throws {
    let test = try TestServer()
    let client = test.client()
    try client.sendRaw(Self.bytes("GET /refilled HTTP/1.1\r\nHost: a\r\n\r\n"))
    pause(milliseconds: 20)
    let response = try client.receive()
    #expect(response.body == [UInt8](repeating: 0x72, count: 50_000_000))
  }

  @Test func aStreamGoesOnAtTheLoopsBeats() throws {
    let server = try TestServer()
    let client = server.client()
    for _ in 0..<2 {
      try client.sendRaw(Self.bytes("GET /beats HTTP/1.1\r\nHost: a\r\n\r\n"))
      // A part for each beat: work that a beat adds is done by the next one.
      #expect(try client.receive().body == Self.bytes("321"))
    }
  }
}
