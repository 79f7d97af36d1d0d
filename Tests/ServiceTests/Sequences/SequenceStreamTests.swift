import HTTP
import Testing

@testable import Service

/// Answers sent as they are made: order, resumption, readers that go.
@Suite struct SequenceStreamTests {
  static let path = "/v1/models/slow:sequence"

  static func body(_ prompt: String, _ more: String = "") -> String {
    #"{"instances": ["\#(prompt)"], "stream": true, "parameters": {"temperature": 0}\#(more)}"#
  }

  /// The texts of the token events.
  static func text(_ events: [ServerSentEvent]) throws -> String {
    try events.filter { $0.event == "token" }.compactMap { try $0.member("text")?.text }.joined()
  }

  static func id(_ event: ServerSentEvent?) throws -> String { try #require(event?.id) }

  @Test func tokensComeInOrderAndThenTheWholeAnswer() throws {
    let server = try SequenceServer.make()
    let stream = try server.client().open(
      "POST",
      "/v1/models/writer:sequence",
      body: Array(Self.body("v", #", "resume_seconds": 0"#).utf8)
    )
    func header(_ name: String) -> String? {
      stream.headers.first { $0.name.lowercased() == name }?.value
    }
    #expect(header("content-type") == "text/event-stream; charset=utf-8")
    #expect(header("x-martlet-version") == "1")
    #expect(header("cache-control") == "no-store")
    let name = try #require(header("x-martlet-stream"))
    let events = try ClientEventStream(stream).rest()
    #expect(events.map(\.event) == ["token", "token", "token", "token", "done"])
    #expect(events.map(\.id) == (1...5).map { "\(name)-\($0)" })
    #expect(events[0].data == #"{"text":"w","token":"w","log_probability":-0.5}"#)
    #expect(
      events[4].data
        == #"{"text":"wxyz","tokens":["w","x","y","z"],"finish_reason":"stop","log_probability":-2.0,"usage":{"source_tokens":1,"tokens":4}}"#
    )
  }

  @Test func everyStepIsSentAtOnce() throws {
    let server = try SequenceServer.make()
    let stream = try server.open("POST", Self.path, Self.body("a"))
    for letter in ["b", "c", "d"] {
      server.loader.decoding.step()
      #expect(try stream.next()?.member("text") == .string(letter))
    }
  }

  @Test func otherTasksStreamTheirAnswer() throws {
    let server = try SequenceServer.make()
    let sales = try server.open(
      "POST",
      "/v1/models/sales:sequence",
      #"{"instances": [[1]], "stream": true}"#
    ).rest()
    #expect(sales.map(\.event) == ["value", "value", "done"])
    #expect(sales[1].data == #"{"forecast":3.0,"lower":1.0,"upper":5.0}"#)
    #expect(try sales[2].member("forecast") == [.number(2), .number(3)])
    let mood = try server.open(
      "POST",
      "/v1/models/mood:sequence",
      #"{"instances": ["ab"], "stream": true}"#
    ).rest()
    #expect(mood.map(\.event) == ["done"])
    #expect(try mood[0].member("label") == "good")
    let eyes = try server.open(
      "POST",
      "/v1/models/eyes:caption",
      #"{"instances": [{"b64": "/9j/4A=="}], "stream": true}"#
    ).rest()
    #expect(try Self.text(eyes) == "4 bytes")
    #expect(try eyes.last?.member("caption") == "4 bytes")
  }

  @Test func aStopTextIsHeldBackFromTheStream() throws {
    let server = try SequenceServer.make()
    let body =
      #"{"instances": ["a"], "stream": true, "parameters": {"temperature": 0, "stop": "ef"}}"#
    let events = try server.open("POST", "/v1/models/writer:sequence", body).rest()
    #expect(try Self.text(events) == "bcd")
    #expect(try events.last?.member("text") == "bcd")
    #expect(try events.last?.member("finish_reason") == "stop")
  }

  @Test func aFailureEndsTheStreamWithAnErrorEvent() throws {
    let server = try SequenceServer.make()
    let stream = try server.open("POST", Self.path, Self.body("y"))
    // A stream with pieces and no answer.
    try SequenceServer.wait { server.loader.decoding.count == 1 }
    server.loader.decoding.failAll()
    let event = try #require(try stream.next())
    #expect(event.event == "error")
    #expect(try event.member("code") == "failed")
    #expect(try event.member("error") == "the model's scores are not finite")
    #expect(try stream.next() == nil)
  }

  @Test func theDeadlineEndsAStream() throws {
    let server = try SequenceServer.make()
    let stream = try server.open(
      "POST",
      Self.path,
      Self.body("a"),
      headers: [("X-Request-Timeout-Ms", "1")]
    )
    pause(microseconds: 2000)
    server.loader.decoding.step()
    #expect(try stream.next()?.member("code") == "deadline_exceeded")
    #expect(try stream.next() == nil)
  }

  // MARK: - Reading on

  @Test func aStreamIsReadOnBehindTheLastEventSeen() throws {
    let server = try SequenceServer.make()
    let all = try server.open("POST", "/v1/models/writer:sequence", Self.body("u")).rest()
    let name = String(try Self.id(all.first).dropLast(2))
    let path = "/v1/streams/\(name)"
    #expect(try server.open("GET", path).rest() == all)
    for count in 1...all.count {
      let rest = try server.open(
        "GET",
        path,
        headers: [("Last-Event-ID", try Self.id(all[count - 1]))]
      ).rest()
      #expect(rest == Array(all[count...]))
    }
    for bad in ["nonsense", "\(name)-", "\(name)-1x", "stream-x-1", "\(name)-7"] {
      let response = try server.client().send("GET", path, headers: [("Last-Event-ID", bad)])
      #expect(response.status == 400, "\(bad): \(response.text)")
    }
    #expect(try server.get("/v1/streams/stream-x").status == 404)
    #expect(try server.get("/v1/streams/stream-aaaaaaaaaaaaaaaaaaaaaaaa").status == 404)
  }

  @Test func aReaderThatGoesStopsItsOwnAnswerWithinAStep() throws {
    let server = try SequenceServer.make()
    let decoding = server.loader.decoding
    let stays = try server.open("POST", Self.path, Self.body("a"))
    var goes: ClientEventStream? = try server.open("POST", Self.path, Self.body("m"))
    decoding.step()
    let first = try #require(try goes?.next())
    #expect(decoding.count == 2)
    goes = nil
    // The server has to see it first.
    try SequenceServer.wait { server.openStreams("slow") == 1 }
    decoding.step()
    #expect(decoding.count == 1)
    // What was made can still be read, and that there is no more.
    let name = String(try Self.id(first).dropLast(2))
    let rest = try server.open("GET", "/v1/streams/\(name)").rest()
    #expect(rest.first == first)
    #expect(rest.last?.event == "error")
    #expect(try rest.last?.member("code") == "cancelled")
    for _ in 0..<30 { decoding.step() }
    #expect(try Self.text(try stays.rest()) == "bcdefghijklmnopqrstu")
  }

  @Test func anAnswerGoesOnForAReaderThatMayComeBack() throws {
    let server = try SequenceServer.make()
    let decoding = server.loader.decoding
    var first: ClientEventStream? = try server.open(
      "POST",
      Self.path,
      Self.body("s", #", "resume_seconds": 60"#)
    )
    decoding.step()
    let seen = try Self.id(try first?.next())
    first = nil
    try SequenceServer.wait { server.openStreams("slow") == 0 }
    decoding.step()
    decoding.step()
    let again = try server.open(
      "GET",
      "/v1/streams/\(seen.dropLast(2))",
      headers: [("Last-Event-ID", seen)]
    )
    #expect(try again.next()?.member("text") == "u")
    for _ in 0..<9 { decoding.step() }
    #expect(try Self.text(again.rest()) == "vwxyz")
  }

  @Test func aSecondReaderTakesOver() throws {
    let server = try SequenceServer.make()
    let first = try server.open("POST", Self.path, Self.body("x"))
    server.loader.decoding.step()
    let seen = try Self.id(try first.next())
    let second = try server.open("GET", "/v1/streams/\(seen.dropLast(2))")
    #expect(try second.next()?.member("text") == "y")
    #expect(throws: HTTPClient.Failure.self) { _ = try first.next() }
    for _ in 0..<3 { server.loader.decoding.step() }
    #expect(try second.rest().map(\.event) == ["token", "done"])
  }

  @Test func readersThatGoDisturbNobody() throws {
    let server = try SequenceServer.make()
    let decoding = server.loader.decoding
    let stays = try (0..<4).map { _ in try server.open("POST", Self.path, Self.body("a")) }
    for _ in 0..<10 {
      var goes: ClientEventStream? = try server.open("POST", Self.path, Self.body("b"))
      try SequenceServer.wait { decoding.count == 5 }
      decoding.step()
      _ = try goes?.next()
      goes = nil
      try SequenceServer.wait { server.openStreams("slow") == 4 }
      decoding.step()
      #expect(decoding.count == 4)
    }
    for _ in 0..<21 { decoding.step() }
    for stream in stays { #expect(try Self.text(stream.rest()) == "bcdefghijklmnopqrstu") }
    #expect(decoding.count == 0)
    let page = try server.get("/metrics").text
    #expect(page.contains(#"martlet_sequence_cancelled_total{model="slow"} 10"#))
    #expect(page.contains(#"martlet_sequence_active{model="slow"} 0"#))
  }

  @Test func aPlainRequestThatIsGivenUpStops() throws {
    let server = try SequenceServer.make()
    let client = server.client()
    let body = #"{"instances": ["a", "b"]}"#
    try client.sendRaw(
      Array(
        "POST \(Self.path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
          .utf8
      )
    )
    try SequenceServer.wait { server.loader.decoding.count == 2 }
    client.close()
    try SequenceServer.wait {
      server.loader.decoding.step()
      return server.loader.decoding.count == 0
    }
  }
}

extension ServiceServer {
  /// Clients that read a stream of the model.
  func openStreams(_ model: String) -> Int {
    repository.modelMetrics.metrics(of: model).sequences.streamCount
  }
}
