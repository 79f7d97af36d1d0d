import Testing

@testable import HTTP

@Suite struct StreamedBodyTests {
  private static let second: Nanoseconds = 1_000_000_000

  private static func post(_ lines: String..., body: String = "") -> String {
    "POST / HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n" + body
  }

  private static let pipelined =
    post("Content-Length: 5", body: "hello")
    + post("Transfer-Encoding: chunked", body: "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nA: b\r\n\r\n")
    + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
    + post("Content-Length: 1", body: "z")

  private static let events = ["POST / hello", "POST / abcde", "GET /next", "POST / z"]

  @Test func piecesAndPipelinedRequestsAreTheSameAtEverySplit() {
    let bytes = Array(Self.pipelined.utf8)
    for split in 0...bytes.count {
      let events = ConnectionDriver.transcript(
        [bytes[..<split], bytes[split...]],
        streamsBodies: true
      )
      #expect(events == Self.events, "at \(split)")
    }
    let single = ConnectionDriver.transcript(
      bytes.indices.map { bytes[$0...$0] },
      streamsBodies: true
    )
    #expect(single == Self.events)
  }

  @Test(arguments: Payload.all.indices)
  func everyPayloadHasTheSameVerdictAsWhenItsBodyIsCollected(index: Int) {
    let bytes = Payload.all[index].bytes
    for split in 0...bytes.count {
      let pieces = [bytes[..<split], bytes[split...]]
      #expect(
        ConnectionDriver.transcript(pieces, streamsBodies: true)
          == ConnectionDriver.transcript(pieces),
        "at \(split)"
      )
    }
  }

  @Test func piecesLeaveTheBuffer() {
    var limits = ServerLimits()
    limits.streamedReadBytes = 100
    var state = ConnectionState(limits: limits, now: 0)
    var input = ByteBuffer()
    let request = Request()
    input.append(Self.post("Content-Length: 1000000"))
    let headLength = input.count
    #expect(state.next(&input, request, now: 0) == .head)
    state.admit(bodyLimit: 1_000_000, streamed: true)
    #expect(state.next(&input, request, now: 0) == .needBytes(100))
    let capacity = input.capacity
    for index in 1...10_000 {
      input.append([UInt8](repeating: 0x61, count: 100))
      #expect(state.next(&input, request, now: 0) == .piece(headLength..<headLength + 100))
      #expect(request.rawPath.equals("/"))
      guard index < 10_000 else { break }
      #expect(state.next(&input, request, now: 0) == .needBytes(100))
      #expect(input.count == headLength)
    }
    #expect(state.next(&input, request, now: 0) == .request)
    #expect(input.capacity == capacity)
    #expect(request.body.isEmpty)
    #expect(request.headers["host"]?.string == "a")
  }

  @Test func limitsHoldAsForCollectedBodies() {
    var limits = ServerLimits()
    limits.chunks = 2
    for (text, events) in [
      (Self.post("Content-Length: 11"), ["413"]),
      (Self.post("Transfer-Encoding: chunked", body: "6\r\nabcdef\r\n5\r\n"), ["413"]),
      (Self.post("Transfer-Encoding: chunked", body: "1\r\na\r\n1\r\na\r\n1\r\na\r\n"), ["413"]),
      (Self.post("Transfer-Encoding: chunked", body: "1\r\nab\r\n"), ["400"]),
      (Self.post("Expect: 100-continue", "Content-Length: 20"), ["413"]),
      (Self.post("Expect: 100-continue", "Content-Length: 3"), ["100"]),
    ] {
      let bytes = Array(text.utf8)
      #expect(
        ConnectionDriver.transcript(
          [bytes[...]],
          limits: limits,
          bodyLimit: 10,
          streamsBodies: true
        ) == events
      )
    }
  }

  @Test func slowBodyIs408AndAPausedOneIsNot() {
    var limits = ServerLimits()
    limits.bodyGraceSeconds = 2
    limits.bodyBytesPerSecond = 100
    let driver = ConnectionDriver(limits: limits, streamsBodies: true)
    driver.feed(Self.post("Content-Length: 1000", body: String(repeating: "x", count: 300)))
    #expect(driver.state.deadline == 5 * Self.second)
    driver.state.pauseBody(now: 1 * Self.second)
    #expect(driver.state.timedOut(now: 100 * Self.second) == .none)
    driver.state.resumeBody(now: 101 * Self.second)
    driver.now = 101 * Self.second
    driver.feed("y")
    #expect(driver.state.deadline == 105 * Self.second + Self.second / 100)
    guard case .fail(let error) = driver.state.timedOut(now: 106 * Self.second) else {
      Issue.record("no timeout")
      return
    }
    #expect(error.status == .requestTimeout)
  }
}
