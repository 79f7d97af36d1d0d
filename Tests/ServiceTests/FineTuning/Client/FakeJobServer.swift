import HTTP
import Synchronization

@testable import Service

/// A server that plays the admin API by a script; ends when it goes.
final class FakeJobServer {
  /// What the next request for events gets.
  enum Answer: Sendable {
    /// This text, then the end of the stream.
    case events(String)
    /// This text, then a broken connection.
    case broken(String)
    case refusal(Status, String)
  }

  /// A request as it came.
  struct Seen: Equatable, Sendable {
    var line: String
    var authorization: String?
    var lastEventID: String?
    var body: [UInt8]
  }

  private let server: Server
  private let handler: Handler

  init(_ events: [Answer] = [], answers: [String: String] = [:]) throws {
    handler = Handler(events, answers)
    var configuration = ServerConfiguration()
    configuration.limits.drainIdleSeconds = 0.1
    configuration.limits.lingerSeconds = 0.1
    server = try Server(configuration, handler: handler)
    server.start()
  }

  deinit {
    server.stop()
    server.waitUntilStopped()
  }

  var seen: [Seen] { handler.state.withLock { $0.seen } }

  func client(token: String = "the-token-of-the-tests") throws -> FineTuningClient {
    FineTuningClient(try ServerAddress("http://127.0.0.1:\(server.port)"), token: token)
  }

  private final class Handler: RequestHandler {
    struct State {
      var events: [Answer]
      var seen: [Seen] = []
    }

    let state: Mutex<State>
    /// Documents by `METHOD path`.
    private let answers: [String: String]

    init(_ events: [Answer], _ answers: [String: String]) {
      state = Mutex(State(events: events))
      self.answers = answers
    }

    func handle(_ request: Request, _ responder: Responder) {
      let path = request.rawPath.string ?? ""
      let line = "\(request.method.name) \(path)"
      let seen = Seen(
        line: line,
        authorization: request.headers["authorization"]?.string,
        lastEventID: request.headers["last-event-id"]?.string,
        body: Array(request.body)
      )
      let isEvents = path.hasSuffix("/events")
      let next = state.withLock { state in
        state.seen.append(seen)
        return isEvents && !state.events.isEmpty ? state.events.removeFirst() : nil
      }
      switch next {
      case .events(let text):
        let stream = responder.stream(.ok, .eventStream)
        stream.write(Array(text.utf8))
        stream.finish()
      case .broken(let text):
        let stream = responder.stream(.ok, .eventStream)
        stream.write(Array(text.utf8))
        // Once the text is on its way.
        stream.whenReady { stream.abort() }
      case .refusal(let status, let text):
        responder.respond(status, .json, bytes: Array(text.utf8))
      case nil:
        let answer = answers[line] ?? #"{"error": {"message": "not here", "param": null}}"#
        responder.respond(
          answers[line] == nil ? .notFound : .ok,
          .json,
          bytes: Array(answer.utf8)
        )
      }
    }
  }
}
