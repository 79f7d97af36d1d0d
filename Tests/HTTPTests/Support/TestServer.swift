import Synchronization

@testable import HTTP

/// A server on an ephemeral port with a handler for tests; ends when it goes.
final class TestServer {
  let server: Server
  let handler = TestHandler()

  init(_ change: (inout ServerConfiguration) -> Void = { _ in }) throws {
    var configuration = ServerConfiguration()
    configuration.limits.drainIdleSeconds = 0.2
    configuration.limits.lingerSeconds = 0.2
    change(&configuration)
    server = try Server(configuration, handler: handler)
    server.start()
  }

  deinit {
    server.stop()
    server.waitUntilStopped()
  }

  func client() -> HTTPClient { HTTPClient(port: server.port, timeoutSeconds: 10) }
}

/// Answers by the first segment of the path.
///
/// `/echo` answers the body, `/batch` answers in `endOfIteration`, `/later` when `release` is called
/// (from that thread), `/freed` likewise but without keeping its request, `/big?n=` with n bytes, `/stream` with three chunks, `/small` limits its body to 4 bytes,
/// `/secret` refuses one. `/upload`, `/paused` and `/full` take theirs as a stream; `/file`, `/short` and
/// `/refilled` answer with a stream of announced length, `/beats` with one whose parts are written at the loop's beats.
final class TestHandler: RequestHandler {
  private struct State {
    var waiting: [Responder] = []
    var batch: [Responder] = []
    var batchSizes: [Int] = []
    var cancelled = 0
    var sinks: [RecordingSink] = []
  }

  private let state = Mutex(State())

  var waitingCount: Int { state.withLock { $0.waiting.count } }
  var cancelledCount: Int { state.withLock { $0.cancelled } }
  var sinks: [RecordingSink] { state.withLock { $0.sinks } }
  var batchSizes: [Int] { state.withLock { $0.batchSizes } }

  func handle(_ request: Request, _ responder: Responder) {
    request.withSegment(0) { name in
      if name.equals("echo") {
        responder.respond(.ok, .octetStream) { $0.append(request.body) }
      } else if name.equals("batch") {
        state.withLock { $0.batch.append(responder) }
      } else if name.equals("later") {
        responder.onCancel { [self] in state.withLock { $0.cancelled += 1 } }
        state.withLock { $0.waiting.append(responder) }
      } else if name.equals("freed") {
        responder.onCancel { [self] in state.withLock { $0.cancelled += 1 } }
        state.withLock { $0.waiting.append(responder) }
        responder.releaseRequest()
      } else if name.equals("big") {
        let count = Int(request.queryValue("n") ?? "") ?? 0
        responder.respond(.ok, .octetStream, bytes: [UInt8](repeating: 0x62, count: count))
      } else if name.equals("stream") {
        let stream = responder.stream(.ok, .eventStream)
        for index in 0..<3 { stream.write(Array("data: \(index)\n\n".utf8)) }
        stream.finish()
      } else if name.equals("upload") || name.equals("paused") || name.equals("full") {
        let sink = request.sink as? RecordingSink
        responder.respond(.ok, .text) {
          $0.append(
            "\(request.headers["x-name"]?.string ?? "-") \(sink?.current.count ?? -1) \(request.body.count)"
          )
        }
      } else if name.equals("file") {
        let stream = responder.stream(.ok, .octetStream, length: 1_000_000)
        for _ in 0..<10 { stream.write([UInt8](repeating: 0x66, count: 100_000)) }
        stream.write([1, 2, 3])
        stream.finish()
      } else if name.equals("short") {
        let stream = responder.stream(.ok, .octetStream, length: 10)
        stream.write([1, 2, 3])
        stream.finish()
      } else if name.equals("refilled") {
        let count = 50_000_000
        Self.refill(responder.stream(.ok, .octetStream, length: count), remaining: count)
      } else if name.equals("beats") {
        Self.writeAtBeats(responder.stream(.ok, .text), remaining: 3)
      } else if name.equals("twice") {
        responder.respond(.ok, .text, text: "first")
        responder.respond(.ok, .text, text: "second")
      } else if name.equals("throws") {
        do {
          try responder.respond(.ok, .text) { output in
            output.append("half an answ" as StaticString)
            throw RequestError(.badRequest, "")
          }
        } catch {
          responder.respond(.internalServerError, .text, text: "sorry")
        }
      } else {
        responder.respond(.notFound, .json, text: "{\"error\":\"Not Found\"}")
      }
    }
  }

  func bodyLimit(for request: Request) -> Int? {
    request.withSegment(0) { $0.equals("small") } ? 4 : nil
  }

  /// Writes a number now and the next one at the next beat.
  private static func writeAtBeats(_ stream: ResponseStream, remaining: Int) {
    guard remaining > 0 else { return stream.finish() }
    stream.write(Array("\(remaining)".utf8))
    stream.atNextBeat { writeAtBeats(stream, remaining: remaining - 1) }
  }

  /// Writes 100 KB whenever there is room.
  private static func refill(_ stream: ResponseStream, remaining: Int) {
    guard remaining > 0 else { return stream.finish() }
    stream.whenReady {
      let count = min(remaining, 100_000)
      stream.write([UInt8](repeating: 0x72, count: count))
      refill(stream, remaining: remaining - count)
    }
  }

  func bodySink(for request: Request) throws(Refusal) -> (any BodySink)? {
    let path = request.rawPath
    if path.equals("/unwanted" as StaticString) { throw RecordingSink.refusal }
    let sink: RecordingSink
    if path.equals("/upload" as StaticString) {
      sink = RecordingSink()
    } else if path.equals("/paused" as StaticString) {
      sink = RecordingSink(pauses: true)
    } else if path.equals("/full" as StaticString) {
      sink = RecordingSink(refusesAfter: 10_000)
    } else {
      return nil
    }
    state.withLock { $0.sinks.append(sink) }
    return sink
  }

  func refusal(for request: Request) -> Refusal? {
    guard request.withSegment(0, { $0.equals("secret") }) else { return nil }
    return Refusal(
      .unauthorized,
      .text,
      headers: ["WWW-Authenticate": "Bearer"],
      body: Array("who?".utf8)
    )
  }

  func endOfIteration(loopIndex: Int) {
    let batch = state.withLock { state in
      defer { state.batch = [] }
      if !state.batch.isEmpty { state.batchSizes.append(state.batch.count) }
      return state.batch
    }
    for responder in batch { responder.respond(.ok, .text, text: "batched") }
  }

  /// Answers everything that `/later` keeps, on the calling thread.
  func release(_ text: StaticString = "later") {
    let waiting = state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting
    }
    for responder in waiting { responder.respond(.ok, .text, text: text) }
  }
}

/// Waits until `condition` holds, 5 s at most.
func eventually(_ condition: () -> Bool) -> Bool {
  let deadline = Clock.now().after(5)
  while !condition() {
    if Clock.now() > deadline { return false }
    pause(milliseconds: 1)
  }
  return true
}
