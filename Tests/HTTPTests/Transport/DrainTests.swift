import Dispatch
import Synchronization
import Testing

@testable import HTTP

@Suite struct DrainTests {
  @Test func requestInFlightIsAnsweredWithClose() throws {
    let test = try TestServer()
    let client = test.client()
    try client.sendRaw(Array("GET /later HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
    #expect(eventually { test.handler.waitingCount == 1 })
    test.server.drain()
    #expect(!test.server.waitUntilStopped(seconds: 0.3))
    test.handler.release()
    let response = try client.receive()
    #expect(response.text == "later")
    #expect(response.closes)
    #expect(test.server.waitUntilStopped(seconds: 5))
  }

  @Test func idleConnectionMayAskOnceMore() throws {
    let test = try TestServer { $0.limits.drainIdleSeconds = 5 }
    let client = test.client()
    _ = try client.send("GET", "/echo")
    test.server.drain()
    #expect(eventually { test.server.eventLoops[0].isDraining })
    let response = try client.send("POST", "/echo", body: [1])
    #expect(response.body == [1])
    #expect(response.closes)
    #expect(test.server.waitUntilStopped(seconds: 3))
  }

  @Test func idleConnectionsAreClosedSoon() throws {
    let test = try TestServer { $0.limits.drainIdleSeconds = 0.05 }
    let client = test.client()
    _ = try client.send("GET", "/echo")
    test.server.drain()
    #expect(test.server.waitUntilStopped(seconds: 3))
    #expect(try client.waitForClose())
  }

  @Test func newConnectionsAreRefused() throws {
    let test = try TestServer()
    test.server.drain()
    #expect(test.server.waitUntilStopped(seconds: 3))
    #expect(throws: HTTPClient.Failure.self) { try test.client().connect() }
  }

  @Test func handlerThatNeverAnswersIsCutOffAtTheDeadline() throws {
    let test = try TestServer { $0.limits.drainSeconds = 0.1 }
    let client = test.client()
    try client.sendRaw(Array("GET /later HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
    #expect(eventually { test.handler.waitingCount == 1 })
    test.server.drain()
    #expect(test.server.waitUntilStopped(seconds: 3))
    #expect(test.handler.cancelledCount == 1)
    test.handler.release()
  }

  /// Clients that obey `Connection: close` see every request answered.
  @Test func drainLosesNoRequests() throws {
    let test = try TestServer {
      $0.loopCount = 2
      $0.limits.drainIdleSeconds = 1
    }
    let port = test.server.port
    let answered = Atomic<Int>(0)
    let lost = Atomic<Int>(0)
    DispatchQueue.global().async { [server = test.server] in
      while answered.load(ordering: .relaxed) < 200 { pause(milliseconds: 1) }
      server.drain()
    }
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      let client = HTTPClient(port: port, timeoutSeconds: 10)
      guard (try? client.connect()) != nil else { return }
      while true {
        guard let response = try? client.send("POST", "/echo", body: [1, 2, 3]),
          response.body == [1, 2, 3]
        else {
          lost.wrappingAdd(1, ordering: .relaxed)
          return
        }
        answered.wrappingAdd(1, ordering: .relaxed)
        if response.closes { return }
      }
    }
    #expect(lost.load(ordering: .relaxed) == 0)
    #expect(test.server.waitUntilStopped(seconds: 5))
    #expect(test.server.requestCount == answered.load(ordering: .relaxed))
  }
}
