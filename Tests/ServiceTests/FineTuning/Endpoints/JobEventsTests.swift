import HTTP
import Jobs
import Testing

@testable import Service

/// Events and checkpoints, page by page and live.
@Suite struct JobEventsTests {
  static func path(_ id: String) -> String { "\(TuningServer.jobs)/\(id)/events" }

  func open(
    _ id: String,
    _ server: TuningServer,
    after last: String? = nil
  ) throws -> ClientEventStream {
    let headers = [TuningServer.token, ("Accept", "text/event-stream")]
    let stream = try HTTPClient(port: server.port, timeoutSeconds: 20).open(
      "GET",
      Self.path(id),
      headers: headers + (last.map { [("Last-Event-ID", $0)] } ?? [])
    )
    try #require(stream.status == 200)
    return ClientEventStream(stream, lastEventID: last)
  }

  func rest(of stream: ClientEventStream) throws -> [ServerSentEvent] {
    var events: [ServerSentEvent] = []
    while let event = try stream.next() { events.append(event) }
    return events
  }

  func ids(_ server: TuningServer, _ id: String) throws -> [String] {
    try FineTuningService.allEvents(of: id, server.tuning.queue).map(\.id)
  }

  @Test func pagesGoFromTheNewestToTheOldest() throws {
    let server = try TuningServer()
    let id = try #require(try server.run()["id"]?.text)
    var seen: [String] = []
    var query = "?limit=4"
    while true {
      let page = try server.ask("GET", Self.path(id) + query)
      let found = page["data"]?.elements.compactMap { $0["id"]?.text } ?? []
      #expect(page["first_id"]?.text == found.first)
      #expect(page["last_id"]?.text == found.last)
      seen += found
      guard page["has_more"] == .bool(true), let last = found.last else { break }
      #expect(found.count == 4)
      query = "?limit=4&after=\(last)"
    }
    #expect(try seen == ids(server, id).reversed())
    let event = try #require(try server.ask("GET", Self.path(id))["data"]?.elements.first)
    #expect(event["object"] == "fine_tuning.job.event")
    #expect(event["message"] == "The job has succeeded")
    for key in ["created_at", "level", "type", "data"] { #expect(event[key] != nil, "\(key)") }
    #expect(try server.refusal("GET", Self.path(id) + "?after=ftevent-x-1").parameter == "after")
  }

  @Test func aStreamFollowsAJobToItsEnd() throws {
    let server = try TuningServer(isWorking: false)
    let id = try server.create()
    let stream = try open(id, server)
    let first = try #require(try stream.next())
    #expect(first.event == "message")
    try server.tuning.start()
    let events = [first] + (try rest(of: stream))
    #expect(try events.dropLast().map(\.id) == ids(server, id))
    let done = try #require(events.last)
    #expect(done.event == "done")
    let document = try Array(done.data.utf8).withUnsafeBytes { try JSONValueReader.read($0) }
    #expect(try document == server.job(id))
    let metrics = events.filter { $0.event == "metrics" }
    #expect(!metrics.isEmpty && metrics.allSatisfy { $0.data.contains("\"train_loss\":") })
  }

  @Test func aStreamGoesOnBehindTheLastEventSeen() throws {
    let server = try TuningServer()
    let id = try #require(try server.run()["id"]?.text)
    // The job is over: what it told is sent all the same.
    let all = try rest(of: open(id, server))
    #expect(try all.dropLast().map(\.id) == ids(server, id))
    #expect(all.last?.event == "done")
    let late = try rest(of: open(id, server, after: all[3].id))
    #expect(late == Array(all[4...]))
    let end = try rest(of: open(id, server, after: all[all.count - 2].id))
    #expect(end.map(\.event) == ["done"])
    let answer = try server.send(
      "GET",
      Self.path(id),
      headers: [("Accept", "text/event-stream"), ("Last-Event-ID", "nonsense")]
    )
    #expect(answer.status == 400)
  }

  @Test func openStreamsAreBounded() throws {
    let server = try TuningServer(isWorking: false, eventStreams: 2)
    let id = try server.create()
    let streams = [try open(id, server), try open(id, server)]
    for stream in streams { _ = try stream.next() }
    let answer = try server.send("GET", "\(Self.path(id))?stream=true")
    #expect(answer.status == 503)
    #expect(answer.headers.contains { $0.0.lowercased() == "retry-after" })
    #expect(try TuningServer.value(answer)["error"]?["code"] == "too_many_streams")
    _ = try server.ask("POST", "\(TuningServer.jobs)/\(id)/cancel")
    for stream in streams { #expect(try rest(of: stream).last?.event == "done") }
    // Their places are free again.
    #expect(try rest(of: open(id, server)).last?.event == "done")
  }

  @Test func checkpointsArePagesOfEpochs() throws {
    let server = try TuningServer()
    let id = try #require(try server.run()["id"]?.text)
    let path = "\(TuningServer.jobs)/\(id)/checkpoints"
    let page = try server.ask("GET", "\(path)?limit=3")
    let data = page["data"]?.elements ?? []
    #expect(data.map { $0["step_number"]?.whole } == [56, 49, 42])
    #expect(page["has_more"] == .bool(true))
    #expect(data.allSatisfy { $0["object"] == "fine_tuning.job.checkpoint" })
    #expect(data.allSatisfy { $0["fine_tuning_job_id"] == .string(id) })
    #expect(data[0]["metrics"]?["full_valid_mean_token_accuracy"]?.double != nil)
    let last = try #require(data.last?["id"]?.text)
    let rest = try server.ask("GET", "\(path)?after=\(last)")
    #expect(rest["data"]?.elements.map { $0["step_number"]?.whole } == [35, 28, 21, 14, 7])
    #expect(rest["has_more"] == .bool(false))
    #expect(try server.refusal("GET", "\(path)?after=ftckpt-x").code == "checkpoint_not_found")
  }

  @Test func jobsAreListedTheNewestFirst() throws {
    let server = try TuningServer(isWorking: false)
    let jobs = try (0..<3).map { _ in try server.create() }
    let page = try server.ask("GET", "\(TuningServer.jobs)?limit=2")
    #expect(page["data"]?.elements.map { $0["id"]?.text } == [jobs[2], jobs[1]])
    #expect(page["has_more"] == .bool(true))
    let rest = try server.ask("GET", "\(TuningServer.jobs)?after=\(jobs[1])")
    #expect(rest["data"]?.elements.map { $0["id"]?.text } == [jobs[0]])
  }
}
