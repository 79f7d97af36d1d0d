import Testing

@testable import HTTP

@Suite struct ConnectionStateTests {
  private static let second: Nanoseconds = 1_000_000_000

  private static func head(_ lines: String..., method: String = "GET") -> String {
    "\(method) / HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
  }

  // MARK: Limits

  @Test func requestLineAtTheLimitPassesAndOneByteMoreIs414() {
    var limits = ServerLimits()
    limits.requestLineBytes = 40
    for (count, verdict) in [(40, "GET /"), (41, "414")] {
      let path = "/" + String(repeating: "a", count: count - 14)
      let text = "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n"
      #expect(ConnectionDriver.transcript(text, limits: limits)[0].hasPrefix(verdict))
      let bytes = Array(text.utf8)
      let pieces = bytes.indices.map { bytes[$0...$0] }
      #expect(ConnectionDriver.transcript(pieces, limits: limits)[0].hasPrefix(verdict))
    }
  }

  @Test func endlessRequestLineIs414BeforeItEnds() {
    let text = "GET /" + String(repeating: "a", count: 9000)
    #expect(ConnectionDriver.transcript(text) == ["414"])
  }

  @Test func headerBlockAtTheLimitPassesAndOneByteMoreIs431() {
    var limits = ServerLimits()
    limits.headerBlockBytes = 64
    for (count, verdict) in [(64, "GET /"), (65, "431")] {
      let value = String(repeating: "b", count: count - 16)
      let text = "GET / HTTP/1.1\r\nHost: a\r\nX: \(value)\r\n\r\n"
      #expect(ConnectionDriver.transcript(text, limits: limits) == [verdict])
      let bytes = Array(text.utf8)
      let pieces = bytes.indices.map { bytes[$0...$0] }
      #expect(ConnectionDriver.transcript(pieces, limits: limits) == [verdict])
    }
  }

  @Test func tooManyHeaderFieldsAre431() {
    let lines = (1..<100).map { "X\($0): y\r\n" }.joined()
    #expect(
      ConnectionDriver.transcript("GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n") == ["GET /"]
    )
    #expect(
      ConnectionDriver.transcript("GET / HTTP/1.1\r\nHost: a\r\n\(lines)Z: z\r\n\r\n") == ["431"]
    )
  }

  @Test func tooManySegmentsAre414() {
    let path = String(repeating: "/a", count: 65)
    #expect(ConnectionDriver.transcript("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n") == ["414"])
  }

  @Test func bodyAboveTheRoutesLimitIs413FromTheHeadAlone() {
    let text = Self.head("Content-Length: 11", method: "POST")
    #expect(ConnectionDriver.transcript(text, bodyLimit: 10) == ["413"])
    #expect(
      ConnectionDriver.transcript(
        Self.head("Content-Length: 10", method: "POST") + "0123456789",
        bodyLimit: 10
      )
        == ["POST / 0123456789"]
    )
  }

  @Test func bodyLimitMessageNamesSizeAndLimit() {
    var state = ConnectionState(limits: ServerLimits(), now: 0)
    var input = ByteBuffer()
    input.append(Self.head("Content-Length: 11", method: "POST"))
    let request = Request()
    #expect(state.next(&input, request, now: 0) == .head)
    state.admit(bodyLimit: 10)
    #expect(
      state.next(&input, request, now: 0)
        == .failed(
          RequestError(
            .contentTooLarge,
            "The request body of 11 bytes exceeds the limit of 10 bytes."
          )
        )
    )
  }

  @Test func chunkedBodyAboveTheLimitIs413AtTheChunkThatCrosses() {
    let text = Self.head("Transfer-Encoding: chunked", method: "POST") + "6\r\n012345\r\n5\r\n"
    #expect(ConnectionDriver.transcript(text, bodyLimit: 10) == ["413"])
  }

  @Test func tooManyChunksAre413() {
    var limits = ServerLimits()
    limits.chunks = 3
    let start = Self.head("Transfer-Encoding: chunked", method: "POST")
    let chunk = "1\r\na\r\n"
    #expect(
      ConnectionDriver.transcript(start + chunk + chunk + chunk + "0\r\n\r\n", limits: limits)
        == ["POST / aaa"]
    )
    #expect(
      ConnectionDriver.transcript(start + chunk + chunk + chunk + chunk, limits: limits)
        == ["413"]
    )
  }

  @Test func longChunkExtensionIs400AndLongTrailersAre431() {
    let start = Self.head("Transfer-Encoding: chunked", method: "POST")
    let long = String(repeating: "x", count: 257)
    #expect(ConnectionDriver.transcript(start + "1;" + long) == ["400"])
    let trailer = "0\r\nA: " + String(repeating: "y", count: 9000)
    #expect(ConnectionDriver.transcript(start + trailer) == ["431"])
  }

  @Test func requestsPerConnectionAreCounted() {
    var limits = ServerLimits()
    limits.requestsPerConnection = 2
    let request = Self.head()
    #expect(
      ConnectionDriver.transcript(request + request + request, limits: limits)
        == ["GET /", "GET /", "close"]
    )
  }

  // MARK: Expect

  @Test func continueIsSentOnceBeforeTheBodyIsRead() {
    let driver = ConnectionDriver()
    driver.feed(Self.head("Expect: 100-Continue", "Content-Length: 2", method: "POST"))
    #expect(driver.events == ["100"])
    driver.feed("o")
    driver.feed("k")
    #expect(driver.events == ["100", "POST / ok"])
  }

  @Test func continueIsNotSentWhenTheBodyHasBegunOrThereIsNone() {
    let head = Self.head("Expect: 100-continue", "Content-Length: 2", method: "POST")
    #expect(ConnectionDriver.transcript(head + "ok") == ["POST / ok"])
    #expect(ConnectionDriver.transcript(Self.head("Expect: 100-continue")) == ["GET /"])
  }

  @Test func refusedBodyGetsItsStatusInsteadOfContinue() {
    let head = Self.head("Expect: 100-continue", "Content-Length: 20", method: "POST")
    #expect(ConnectionDriver.transcript(head, bodyLimit: 10) == ["413"])
  }

  @Test func expectationsOf10ClientsAreIgnored() {
    let text = "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"
    let driver = ConnectionDriver()
    driver.feed(text)
    #expect(driver.events == [])
    driver.feed("x")
    #expect(driver.events == ["POST / x", "close"])
  }

  // MARK: Time

  @Test func idleConnectionClosesSilently() {
    let driver = ConnectionDriver()
    #expect(driver.state.timedOut(now: 59 * Self.second) == .none)
    #expect(driver.state.timedOut(now: 60 * Self.second) == .close)
  }

  @Test func keptConnectionIsIdleFromItsLastResponse() {
    let driver = ConnectionDriver()
    driver.now = 30 * Self.second
    driver.feed(Self.head())
    #expect(driver.state.isIdle)
    #expect(driver.state.deadline == 90 * Self.second)
  }

  @Test func slowHeaderIs408HoweverItTrickles() {
    let driver = ConnectionDriver()
    driver.feed("GET")
    driver.now = 9 * Self.second
    driver.feed(" ")
    #expect(driver.state.timedOut(now: 9 * Self.second) == .none)
    guard case .fail(let error) = driver.state.timedOut(now: 10 * Self.second) else {
      Issue.record("no timeout")
      return
    }
    #expect(error.status == .requestTimeout)
  }

  @Test func slowBodyIs408ButASteadyOneIsNot() {
    var limits = ServerLimits()
    limits.bodyGraceSeconds = 2
    limits.bodyBytesPerSecond = 100
    let driver = ConnectionDriver(limits: limits)
    driver.feed(Self.head("Content-Length: 1000", method: "POST"))
    #expect(driver.state.deadline == 2 * Self.second)
    driver.feed(String(repeating: "x", count: 300))
    #expect(driver.state.deadline == 5 * Self.second)
    #expect(driver.state.timedOut(now: 4 * Self.second) == .none)
    guard case .fail(let error) = driver.state.timedOut(now: 5 * Self.second) else {
      Issue.record("no timeout")
      return
    }
    #expect(error.status == .requestTimeout)
  }

  @Test func slowChunkedBodyIs408() {
    let driver = ConnectionDriver()
    driver.feed(Self.head("Transfer-Encoding: chunked", method: "POST") + "400\r\nabc")
    guard case .fail(let error) = driver.state.timedOut(now: 12 * Self.second) else {
      Issue.record("no timeout")
      return
    }
    #expect(error.status == .requestTimeout)
  }

  @Test func framingOverheadDoesNotCountAsProgress() {
    let driver = ConnectionDriver()
    driver.feed(Self.head("Transfer-Encoding: chunked", method: "POST"))
    let before = driver.state.deadline
    driver.feed("1;" + String(repeating: "x", count: 200))
    #expect(driver.state.deadline == before)
  }

  @Test func zeroRateDemandsNothing() {
    let rate = RateDeadline(start: 0, grace: 1, bytesPerSecond: 0)
    #expect(rate.deadline(after: 0) == .never)
    #expect(Nanoseconds.seconds(.infinity) > 0)
    #expect(Nanoseconds.seconds(.nan) == 0)
  }
}
