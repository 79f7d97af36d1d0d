import HTTP
import Jobs
import Storage
import Testing

@testable import Service

/// Jobs that are paused, resumed, cancelled, or interrupted by the end of the server.
@Suite struct JobControlTests {
  /// 20 epochs of 7 steps.
  static let members =
    "\"seed\":3,\"hyperparameters\":{\"n_epochs\":20,\"batch_size\":8,\"learning_rate\":0.02}"

  static func told(step: Int) -> @Sendable (JobEvent) -> Bool {
    { event in EventDocument.data(of: event)?["step"]?.whole.map { $0 >= step } ?? false }
  }

  /// What the job makes of version 1 where nothing interrupts it.
  func undisturbed() throws -> [UInt8] {
    let server = try TuningServer()
    let job = try server.run("colour/1", Self.members)
    try #require(job["fine_tuned_model"] == "colour/2", "\(job)")
    return try server.graph("colour", 2)
  }

  func expectWhole(_ id: String, _ server: TuningServer) throws {
    let events = try FineTuningService.allEvents(of: id, server.tuning.queue)
    #expect(events.map(\.sequence) == Array(1...events.count))
    let steps = events.compactMap { EventDocument.data(of: $0)?["step"]?.whole }
    #expect(steps == Array(1...140), "every step is told once, in order")
    #expect(events.count { CheckpointDocument.value(of: $0) != nil } == 20)
  }

  @Test func aPausedJobGoesOnToTheSameBits() throws {
    let server = try TuningServer(isWorking: false, tellsSteps: true)
    let id = try server.create("colour/1", Self.members)
    server.atEvent(of: id, where: Self.told(step: 42)) { _ = try? $0.pause(id) }
    try server.tuning.start()
    try server.wait(id, for: [.paused])
    let refused = try server.refusal("POST", "\(TuningServer.jobs)/\(id)/pause")
    #expect(refused.status == 409 && refused.code == "job_state")
    #expect(try server.ask("POST", "\(TuningServer.jobs)/\(id)/resume")["status"] == "queued")
    #expect(try server.wait(id)["status"] == "succeeded")
    #expect(try server.graph("colour", 2) == undisturbed())
    try expectWhole(id, server)
  }

  @Test func aJobOutlivesItsServer() throws {
    let folder = TemporaryFolder()
    var id: String?
    // At an end of an epoch, at a step within one, and while the version is judged.
    for step in [21, 56, 140] {
      let server = try Self.server(folder)
      let job = try id ?? server.create("colour/1", Self.members)
      id = job
      server.atEvent(of: job, where: Self.told(step: step)) { $0.beginShutdown() }
      try server.tuning.start()
      try server.wait(job, for: [.queued, .succeeded], after: Self.told(step: step))
      server.tuning.shutdown()
      #expect(try server.tuning.queue.job(job).status == .queued, "at step \(step)")
    }
    let server = try Self.server(folder)
    let last = try #require(id)
    try server.tuning.start()
    let job = try server.wait(last)
    #expect(job["status"] == "succeeded", "\(job)")
    #expect(try server.graph("colour", 2) == undisturbed())
    try expectWhole(last, server)
    // Interruptions on purpose are no crashes.
    #expect(job["attempt"] == .number(1))
  }

  /// A server on a folder that another one has used: its threads may hold the folder for a moment after its end.
  static func server(_ folder: TemporaryFolder) throws -> TuningServer {
    for _ in 0..<10_000 {
      do {
        return try TuningServer(in: folder, isWorking: false, tellsSteps: true)
      } catch is FormatError { pause() }
    }
    return try TuningServer(in: folder, isWorking: false, tellsSteps: true)
  }

  @Test func aJobIsCancelledWhileItRuns() throws {
    let server = try TuningServer(isWorking: false, tellsSteps: true)
    let id = try server.create("colour", Self.members)
    server.atEvent(of: id, where: Self.told(step: 28)) { _ = try? $0.cancel(id) }
    try server.tuning.start()
    let job = try server.wait(id)
    #expect(job["status"] == "cancelled")
    #expect(job["fine_tuned_model"] == .null)
    #expect(job["estimated_finish"] == .null)
    let answer = try server.send("GET", "/v1/models/colour/versions/2")
    #expect(answer.status == 404)
  }

  @Test func theJudgingStopsToo() throws {
    let server = try TuningServer(isWorking: false, tellsSteps: true)
    let id = try server.create("colour", Self.members)
    // The last step's event is followed by nothing but the judging.
    server.atEvent(of: id, where: Self.told(step: 140)) { _ = try? $0.cancel(id) }
    try server.tuning.start()
    #expect(try server.wait(id)["status"] == "cancelled")
  }

  @Test func aJobThatWaitsIsPausedResumedAndCancelledAtOnce() throws {
    let server = try TuningServer(isWorking: false, tellsSteps: true)
    let first = try server.create("colour", Self.members)
    let second = try server.create("colour", Self.members)
    let path = "\(TuningServer.jobs)/\(second)"
    let queue = server.tuning.queue
    // The first one is held in the middle until the second has been through it all.
    server.atEvent(of: first, where: Self.told(step: 28)) { queue in
      for _ in 0..<100_000 where (try? queue.job(second).status) != .cancelled { pause() }
    }
    try server.tuning.start()
    try server.wait(second, for: [.queued])
    #expect(try server.ask("POST", "\(path)/pause")["status"] == "paused")
    #expect(try server.ask("POST", "\(path)/resume")["status"] == "queued")
    #expect(try server.ask("POST", "\(path)/cancel")["status"] == "cancelled")
    #expect(try queue.job(first).status != .succeeded)
    #expect(try server.wait(first)["status"] == "succeeded")
    #expect(try server.refusal("POST", "\(path)/resume").code == "job_state")
  }
}
