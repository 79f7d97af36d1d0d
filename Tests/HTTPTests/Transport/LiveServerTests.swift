import Dispatch
import Synchronization
import Testing

@testable import HTTP

@Suite struct LiveServerTests {
  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static let get = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test func answersOnOneConnectionAgainAndAgain() throws {
    let test = try TestServer()
    let client = test.client()
    for index in 0..<50 {
      let response = try client.send("POST", "/echo", body: Self.bytes("hello \(index)"))
      #expect(response.status == 200)
      #expect(response.text == "hello \(index)")
      #expect(response["date"]?.hasSuffix(" GMT") == true)
    }
    #expect(test.server.connectionCount == 1)
    #expect(test.server.requestCount == 50)
  }

  @Test func aStoppedServerGivesItsPortAndItsHandlerFree() throws {
    var server: Server?
    weak var handler: TestHandler?
    do {
      let made = TestHandler()
      handler = made
      server = try Server(ServerConfiguration(), handler: made)
    }
    let port = try #require(server?.port)
    server?.start()
    server?.stop()
    server?.waitUntilStopped()
    server = nil
    #expect(eventually { handler == nil })
    #expect(throws: HTTPClient.Failure.self) {
      try HTTPClient(port: port, timeoutSeconds: 5).connect()
    }
  }

  @Test func pipelinedRequestsAreAnsweredInOrder() throws {
    let test = try TestServer()
    let client = test.client()
    var message = ""
    for index in 0..<200 {
      let body = "number \(index)"
      let path = ["/echo", "/batch", "/echo"][index % 3]
      message +=
        "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }
    try client.sendRaw(Self.bytes(message))
    for index in 0..<200 {
      let text = try client.receive().text
      #expect(text == (index % 3 == 1 ? "batched" : "number \(index)"))
    }
  }

  @Test func laterRequestsWaitForAnEarlierAnswerFromAnotherThread() throws {
    let test = try TestServer()
    let client = test.client()
    try client.sendRaw(
      Self.bytes("GET /later HTTP/1.1\r\nHost: a\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")
    )
    #expect(eventually { test.handler.waitingCount == 1 })
    test.handler.release()
    #expect(try client.receive().text == "later")
    #expect(try client.receive().status == 404)
  }

  @Test func invalidSecondRequestDoesNotKillTheFirstReply() throws {
    let test = try TestServer()
    for path in ["echo", "batch", "later"] {
      let client = test.client()
      try client.sendRaw(
        Self.bytes("GET /\(path) HTTP/1.1\r\nHost: a\r\n\r\nInvalid\r\n\r\n")
      )
      if path == "later" {
        #expect(eventually { test.handler.waitingCount == 1 })
        test.handler.release()
      }
      #expect(try client.receive().status == 200)
      let second = try client.receive()
      #expect(second.status == 400)
      #expect(second.closes)
      #expect(try client.waitForClose())
    }
  }

  @Test func largeBodyArrivesWhole() throws {
    let test = try TestServer()
    let client = test.client()
    var body = [UInt8](repeating: 0, count: 5_000_000)
    for index in body.indices { body[index] = UInt8(truncatingIfNeeded: index &* 31 >> 3) }
    #expect(try client.send("POST", "/echo", body: body).body == body)
    #expect(try client.send("POST", "/echo", body: [1, 2]).body == [1, 2])
  }

  @Test func chunkedBodyArrivesContiguous() throws {
    let test = try TestServer()
    let client = test.client()
    let piece = String(repeating: "x", count: 1000)
    var message = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    for _ in 0..<100 { message += "3e8\r\n\(piece)\r\n" }
    try client.sendRaw(Self.bytes(message + "0\r\nA: b\r\n\r\n" + Self.get))
    #expect(try client.receive().text == String(repeating: piece, count: 100))
    #expect(try client.receive().body == [])
  }

  @Test func bodyInPiecesIsAssembled() throws {
    let test = try TestServer()
    let client = test.client()
    try client.sendRaw(Self.bytes("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nab"))
    for piece in ["c", "de", "f"] {
      pause(milliseconds: 5)
      try client.sendRaw(Self.bytes(piece))
    }
    #expect(try client.receive().text == "abcdef")
  }

  @Test func tooLargeBodyIsRefusedFromTheHeadAndTheAnswerIsNotLost() throws {
    let test = try TestServer { $0.limits.lingerBytes = 1 << 20 }
    let client = test.client()
    let response = try client.send(
      "POST",
      "/small",
      body: [UInt8](repeating: 0x61, count: 500_000)
    )
    #expect(response.status == 413)
    #expect(
      response.text
        == "{\"error\":\"The request body of 500000 bytes exceeds the limit of 4 bytes.\"}"
    )
    #expect(response.closes)
  }

  @Test func refusalIsSentBeforeTheBodyIsRead() throws {
    let test = try TestServer()
    let client = test.client()
    try client.sendRaw(
      Self.bytes(
        "POST /secret HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"
      )
    )
    let response = try client.receive()
    #expect(response.status == 401)
    #expect(response["www-authenticate"] == "Bearer")
    #expect(response.text == "who?")
    #expect(response.closes)
    #expect(try client.waitForClose())
    #expect(test.server.requestCount == 0)
  }

  @Test(arguments: [
    ([127, 0, 0, 1], true), ([127, 9, 9, 9], true), ([10, 0, 0, 1], false), ([], false),
    ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], true),
    ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2], false),
    ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1], true),
    ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 1], false),
  ])
  func loopbackAddressesAreKnown(address: [UInt8], isLoopback: Bool) {
    #expect(Connection.isLoopback(address) == isLoopback)
  }

  @Test func answersFromManyThreadsReachTheirClients() throws {
    let test = try TestServer { $0.loopCount = 2 }
    let port = test.server.port
    let done = Atomic<Bool>(false)
    let helpers = DispatchGroup()
    for _ in 0..<2 {
      DispatchQueue.global().async(group: helpers) { [handler = test.handler] in
        while !done.load(ordering: .relaxed) {
          handler.release()
          pause(milliseconds: 1)
        }
      }
    }
    let answered = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 6) { _ in
      let client = HTTPClient(port: port, timeoutSeconds: 10)
      for _ in 0..<50 {
        guard let response = try? client.send("GET", "/later") else { continue }
        if response.text == "later" { answered.wrappingAdd(1, ordering: .relaxed) }
      }
    }
    done.store(true, ordering: .relaxed)
    helpers.wait()
    #expect(answered.load(ordering: .relaxed) == 300)
  }

  @Test func expectContinueIsHonoured() throws {
    let test = try TestServer()
    let client = test.client()
    try client.sendRaw(
      Self.bytes(
        "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
      )
    )
    pause(milliseconds: 5)
    try client.sendRaw(Self.bytes("ok"))
    #expect(try client.receive().text == "ok")
  }

  @Test func headHasNoBodyAndTheConnectionStaysInStep() throws {
    let test = try TestServer()
    let client = test.client()
    let head = try client.send("HEAD", "/big?n=1000")
    #expect(head["content-length"] == "1000")
    #expect(head.body.isEmpty)
    #expect(try client.send("GET", "/big?n=3").text == "bbb")
  }

  @Test func streamsAreChunked() throws {
    let test = try TestServer()
    let client = test.client()
    let response = try client.send("GET", "/stream")
    #expect(response["transfer-encoding"] == "chunked")
    #expect(response.text == "data: 0\n\ndata: 1\n\ndata: 2\n\n")
    #expect(try client.send("GET", "/big?n=1").text == "b")
  }

  @Test func streamsTo10ClientsEndWithTheConnection() throws {
    let test = try TestServer()
    let client = test.client()
    try client.sendRaw(Self.bytes("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"))
    let response = try client.receive()
    #expect(response["transfer-encoding"] == nil)
    #expect(response.closes)
    #expect(response.text == "data: 0\n\ndata: 1\n\ndata: 2\n\n")
  }

  @Test func secondAnswerIsIgnoredAndFailedAnswerIsTakenBack() throws {
    let test = try TestServer()
    let client = test.client()
    #expect(try client.send("GET", "/twice").text == "first")
    let response = try client.send("GET", "/throws")
    #expect(response.status == 500)
    #expect(response.text == "sorry")
    #expect(try client.send("GET", "/nowhere").status == 404)
  }

  @Test func disconnectMidRequestLeavesTheServerWell() throws {
    let test = try TestServer()
    for text in ["GET /e", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", ""] {
      let client = test.client()
      try client.connect()
      try client.sendRaw(Self.bytes(text))
      client.close()
    }
    #expect(try test.client().send("POST", "/echo", body: [7]).body == [7])
    #expect(eventually { test.server.connectionCount <= 1 })
  }

  @Test func handlerLearnsThatItsClientHasGone() throws {
    let test = try TestServer()
    let client = test.client()
    try client.sendRaw(Self.bytes("GET /later HTTP/1.1\r\nHost: a\r\n\r\n"))
    #expect(eventually { test.handler.waitingCount == 1 })
    client.close()
    #expect(eventually { test.handler.cancelledCount == 1 })
    test.handler.release()
    #expect(try test.client().send("POST", "/echo", body: [7]).body == [7])
  }

  @Test func handlerLearnsThatTheClientOfAReleasedRequestHasGone() throws {
    let test = try TestServer()
    let client = test.client()
    try client.sendRaw(Self.bytes("GET /freed HTTP/1.1\r\nHost: a\r\n\r\n"))
    #expect(eventually { test.handler.waitingCount == 1 })
    client.close()
    #expect(eventually { test.handler.cancelledCount == 1 })
    test.handler.release()
    #expect(try test.client().send("POST", "/echo", body: [7]).body == [7])
  }

  /// The next request may be there already, or come while no buffer is.
  @Test(arguments: [true, false])
  func requestsBehindAReleasedOneAreAnswered(together: Bool) throws {
    let test = try TestServer()
    let client = test.client()
    let large = String(repeating: "x", count: 100_000)
    let head = "POST /freed HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
    let next = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nnext"
    try client.sendRaw(Self.bytes(head + large + (together ? next : "")))
    #expect(eventually { test.handler.waitingCount == 1 })
    // Others use the memory meanwhile.
    let other = [UInt8](repeating: 0x6F, count: 100_000)
    #expect(try test.client().send("POST", "/echo", body: other).body == other)
    if !together {
      try client.sendRaw(Self.bytes(next))
      pause(milliseconds: 20)
    }
    test.handler.release()
    #expect(try client.receive().text == "later")
    #expect(try client.receive().text == "next")
  }

  @Test func halfClosedClientStillGetsItsAnswer() throws {
    let test = try TestServer()
    let client = test.client()
    try client.sendRaw(Self.bytes(Self.get + "GET /later HTTP/1.1\r\nHost: a\r\n\r\n"))
    client.closeWriting()
    #expect(try client.receive().status == 200)
    #expect(eventually { test.handler.cancelledCount == 1 })
    test.handler.release()
    #expect(try client.receive().text == "later")
    #expect(try client.waitForClose())
  }

  @Test func slowReaderGetsALargeAnswerWhole() throws {
    let test = try TestServer()
    let client = test.client()
    try client.sendRaw(
      Self.bytes(
        "GET /big?n=20000000 HTTP/1.1\r\nHost: a\r\n\r\nGET /big?n=2 HTTP/1.1\r\nHost: a\r\n\r\n"
      )
    )
    pause(milliseconds: 50)
    #expect(try client.receive().body.count == 20_000_000)
    #expect(try client.receive().text == "bb")
  }

  @Test func manyConnectionsOnSeveralLoops() throws {
    let test = try TestServer { $0.loopCount = 2 }
    let clients = (0..<200).map { _ in test.client() }
    for client in clients { try client.sendRaw(Self.bytes(Self.get)) }
    for client in clients { #expect(try client.receive().status == 200) }
    #expect(test.server.connectionCount == 200)
    let counts = test.server.eventLoops.map { $0.connectionCount.load(ordering: .relaxed) }
    #expect(counts == [100, 100])
  }

  @Test func requestsOfOneIterationAreBatched() throws {
    let test = try TestServer()
    let clients = (0..<8).map { _ in test.client() }
    for client in clients { try client.connect() }
    #expect(eventually { test.server.connectionCount == clients.count })
    let loop = test.server.eventLoops[0]
    // While the loop is busy all eight requests arrive; the next iteration finds them together.
    let gate = DispatchSemaphore(value: 0)
    #expect(try clients[0].send("GET", "/batch").text == "batched")
    let isBusy = DispatchSemaphore(value: 0)
    loop.submit {
      isBusy.signal()
      gate.wait()
    }
    isBusy.wait()
    for client in clients {
      try client.sendRaw(Self.bytes("GET /batch HTTP/1.1\r\nHost: a\r\n\r\n"))
    }
    gate.signal()
    for client in clients { #expect(try client.receive().text == "batched") }
    #expect(test.handler.batchSizes.contains { $0 >= 7 })
  }

  @Test func connectionsAboveTheLimitAreAnswered503() throws {
    let test = try TestServer { $0.limits.connections = 2 }
    let clients = (0..<3).map { _ in test.client() }
    for client in clients.dropLast() { _ = try client.send("GET", "/echo") }
    try clients[2].connect()
    #expect(try clients[2].receive().status == 503)
    clients[0].close()
    #expect(eventually { test.server.connectionCount <= 1 })
    #expect(try test.client().send("GET", "/echo").status == 200)
  }

  @Test func connectionsPerAddressAreLimited() throws {
    let test = try TestServer { $0.limits.connectionsPerAddress = 1 }
    let first = test.client()
    _ = try first.send("GET", "/echo")
    let second = test.client()
    try second.connect()
    #expect(try second.receive().status == 503)
  }

  @Test func slowHeaderIsAnswered408() throws {
    let test = try TestServer { $0.limits.headerSeconds = 0.05 }
    let client = test.client()
    try client.sendRaw(Self.bytes("GET /echo HTTP/1.1\r\nHost:"))
    #expect(try client.receive().status == 408)
    #expect(try client.waitForClose())
  }

  @Test func slowBodyIsAnswered408() throws {
    let test = try TestServer { $0.limits.bodyGraceSeconds = 0.05 }
    let client = test.client()
    try client.sendRaw(Self.bytes("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na"))
    #expect(try client.receive().status == 408)
  }

  @Test func idleConnectionIsClosedAndTheClientOpensAnother() throws {
    let test = try TestServer { $0.limits.idleSeconds = 0.05 }
    let client = test.client()
    #expect(try client.send("GET", "/echo").status == 200)
    #expect(eventually { test.server.connectionCount == 0 })
    #expect(try client.send("GET", "/echo").status == 200)
  }

  @Test func readerThatStallsIsDisconnected() throws {
    let test = try TestServer { $0.limits.writeGraceSeconds = 0.05 }
    let client = test.client()
    try client.sendRaw(Self.bytes("GET /big?n=30000000 HTTP/1.1\r\nHost: a\r\n\r\n"))
    #expect(eventually { test.server.requestCount == 1 })
    #expect(eventually { test.server.connectionCount == 0 })
  }

  @Test func listensOnIPv6Loopback() throws {
    let test = try TestServer { $0.host = "::1" }
    let client = HTTPClient(host: "::1", port: test.server.port)
    #expect(try client.send("GET", "/echo").status == 200)
  }

  @Test func takenPortIsAnErrorThatNamesIt() throws {
    let test = try TestServer()
    var configuration = ServerConfiguration()
    configuration.port = test.server.port
    let error = #expect(throws: SocketError.self) {
      _ = try Server(configuration, handler: TestHandler())
    }
    #expect(error?.description.contains("\(test.server.port)") == true)
  }
}
