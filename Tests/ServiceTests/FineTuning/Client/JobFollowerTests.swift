import HTTP
import Synchronization
import Testing

@testable import Service

@Suite struct JobFollowerTests {
  /// One event as the server writes it.
  func event(_ id: Int, _ name: String, _ data: String) -> String {
    "id: \(id)\nevent: \(name)\ndata: \(data)\n\n"
  }

  func message(_ id: Int, _ text: String) -> String {
    event(
      id,
      "message",
      #"{"object": "fine_tuning.job.event", "level": "info", "message": "\#(text)"}"#
    )
  }

  func metrics(_ id: Int, step: Int, loss: Double) -> String {
    event(id, "metrics", #"{"message": "", "data": {"step": \#(step), "train_loss": \#(loss)}}"#)
  }

  var done: String { event(99, "done", #"{"id": "ftjob-1", "status": "succeeded"}"#) }

  /// What was heard and waited for until the end, and the end.
  func follow(
    _ server: FakeJobServer
  ) throws -> (events: [FollowedEvent], pauses: [Double], end: Result<JSONValue, ClientProblem>) {
    var events: [FollowedEvent] = []
    let pauses = Mutex<[Double]>([])
    let follower = JobFollower(try server.client()) { seconds in
      pauses.withLock { $0.append(seconds) }
    }
    let end: Result<JSONValue, ClientProblem>
    do throws(ClientProblem) {
      end = .success(try follower.follow("ftjob-1") { events.append($0) })
    } catch { end = .failure(error) }
    return (events, pauses.withLock { $0 }, end)
  }

  func steps(_ events: [FollowedEvent]) -> [Int?] {
    events.compactMap { event in
      guard case .metrics(let metrics) = event else { return nil }
      return metrics.step
    }
  }

  @Test func eventsAreHeardToTheEndOfTheJob() throws {
    let server = try FakeJobServer([
      .events(
        message(1, "job started") + ": ping\n\n" + metrics(2, step: 10, loss: 2.5)
          + event(3, "novelty", "{}") + done + metrics(4, step: 11, loss: 1)
      )
    ])
    let (events, pauses, end) = try follow(server)
    var numbers = TrainingMetrics()
    numbers.step = 10
    numbers.trainLoss = 2.5
    #expect(events == [.message(level: "info", "job started"), .metrics(numbers)])
    #expect(pauses == [])
    #expect(try end.get()["status"] == "succeeded")
    #expect(
      server.seen == [
        .init(
          line: "GET /admin/v1/fine_tuning/jobs/ftjob-1/events",
          authorization: "Bearer the-token-of-the-tests",
          lastEventID: nil,
          body: []
        )
      ]
    )
  }

  @Test func aBrokenStreamGoesOnBehindItsLastEvent() throws {
    let server = try FakeJobServer([
      .broken(metrics(1, step: 1, loss: 3) + metrics(2, step: 2, loss: 2) + "id: 3\ndata: {"),
      .refusal(.serviceUnavailable, #"{"error": {"message": "starting", "param": null}}"#),
      .events(""),
      .events(metrics(3, step: 3, loss: 1) + done),
    ])
    let (events, pauses, end) = try follow(server)
    #expect(steps(events) == [1, 2, 3])
    #expect(try end.get()["id"] == "ftjob-1")
    #expect(server.seen.map(\.lastEventID) == [nil, "2", "2", "2"])
    #expect(pauses == [0.25, 0.5, 1])
    #expect(
      events.contains(
        .reconnecting(attempt: 2, seconds: 0.5, ClientProblem(status: 503, "starting"))
      )
    )
  }

  @Test func anEventEndsTheRowOfAttempts() throws {
    let broken = (1...3).map { FakeJobServer.Answer.broken(metrics($0, step: $0, loss: 1)) }
    let server = try FakeJobServer(broken + [.events(done)])
    #expect(try follow(server).pauses == [0.25, 0.25, 0.25])
  }

  @Test func attemptsAndPausesAreBounded() throws {
    let answers = [FakeJobServer.Answer](repeating: .events(""), count: 20)
    let server = try FakeJobServer(answers)
    let (events, pauses, end) = try follow(server)
    #expect(events.count == JobFollower.attemptCountMax)
    #expect(server.seen.count == JobFollower.attemptCountMax + 1)
    #expect(pauses == [0.25, 0.5, 1, 2, 4, 8, 8, 8, 8, 8])
    #expect(throws: ClientProblem.self) { try end.get() }
  }

  @Test(arguments: [
    (Status.unauthorized, #"{"error": {"message": "the admin token is wrong", "param": null}}"#),
    (Status.notFound, #"{"error": {"message": "no job", "param": "id"}}"#),
  ]) func refusalsAreFinal(status: Status, body: String) throws {
    let server = try FakeJobServer([.refusal(status, body), .events(done)])
    let (events, pauses, end) = try follow(server)
    #expect(events == [])
    #expect(pauses == [])
    let problem = #expect(throws: ClientProblem.self) { try end.get() }
    #expect(problem?.status == Int(status.code))
    #expect(server.seen.count == 1)
  }

  @Test func eventsThatAreNoJSONAreFinal() throws {
    let server = try FakeJobServer([.events("data: {\n\n"), .events(done)])
    #expect(throws: ClientProblem.self) { try follow(server).end.get() }
    #expect(server.seen.count == 1)
  }
}
