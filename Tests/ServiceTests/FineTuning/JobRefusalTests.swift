import HTTP
import Jobs
import Storage
import Testing

@testable import Service

/// What is wrong with a job, said at once where it can be, else by the job.
@Suite struct JobRefusalTests {
  static func body(_ rest: String, of model: String = "colour") -> String {
    "{\"model\":\"\(model)\",\(rest)}"
  }

  @Test func badRowsAreNamedByRowAndField() throws {
    let server = try TuningServer()
    let data =
      "\"data\":{\"instances\":[[1,2,3,4],[1,2],[1,2,3,4]],\"labels\":[\"red\",\"red\",\"pink\"]}"
    let refused = try server.refusal("POST", TuningServer.jobs, Self.body(data))
    #expect(refused.status == 400)
    #expect(refused.code == "invalid_request")
    #expect(refused.parameter == "data")
    #expect(refused.message.contains("row 2, instances:"), "\(refused.message)")
    #expect(refused.message.contains("row 3, label:"), "\(refused.message)")
    #expect(server.tuning.files.files.isEmpty)
  }

  @Test func aBadFileFailsTheJobWithItsFirstRows() throws {
    let server = try TuningServer()
    let lines =
      "{\"input\":[1,2,3,4],\"label\":\"red\"}\n{\"input\":[1],\"label\":\"red\"}\n{\"input\":[1,2,3,4],\"label\":\"x\"}\n"
    let file = try server.upload(lines)
    let job = try server.run("colour", data: nil, "\"training_file\":\"\(file)\"")
    #expect(job["status"] == "failed")
    let error = try #require(job["error"])
    #expect(error["code"] == "invalid_training_file")
    #expect(error["param"] == "training_file")
    let message = try #require(error["message"]?.text)
    #expect(message.hasPrefix("train.jsonl: "))
    #expect(message.contains("line 2") && message.contains("line 3"), "\(message)")
    #expect(job["fine_tuned_model"] == .null)
  }

  @Test func aBadValidationFileIsToldApart() throws {
    let server = try TuningServer()
    let training = try server.upload(SmallModels.jsonLines())
    let bad = try server.upload("nonsense\n", name: "held-out.jsonl")
    let files = "\"training_file\":\"\(training)\",\"validation_file\":\"\(bad)\""
    let job = try server.run("colour", data: nil, files)
    #expect(job["error"]?["code"] == "invalid_validation_file")
    #expect(job["error"]?["param"] == "validation_file")
  }

  @Test func aPatternWithoutLayersNamesThoseThereAre() throws {
    let server = try TuningServer()
    let job = try server.run("colour", "\"freeze\":[\"conv*\"]")
    #expect(job["status"] == "failed")
    #expect(job["error"]?["code"] == "cannot_fine_tune")
    let message = try #require(job["error"]?["message"]?.text)
    #expect(message.contains("conv*") && message.contains("hidden"), "\(message)")
  }

  @Test(arguments: [
    (
      "nothing", "model_not_found",
      "there is no model 'nothing'; the models are 'bare', 'colour', 'line', 'tags'"
    ),
    ("colour/7", "version_not_found", "model 'colour' has no version 7; its versions are 1"),
    ("colour@gold", "alias_not_found", "model 'colour' has no alias 'gold'; its aliases are none"),
  ])
  func whatIsNotThereIs404(model: String, code: String, message: String) throws {
    let server = try TuningServer()
    let refused = try server.refusal(
      "POST",
      TuningServer.jobs,
      Self.body("\"training_file\":\"file-x\"", of: model)
    )
    #expect(refused == .init(status: 404, code: code, parameter: "model", message: message))
  }

  @Test(arguments: [
    ("\"training_file\":\"file-x\"", "training_file"),
    ("\"data\":\(SmallModels.data(6)),\"validation_file\":\"file-x\"", "validation_file"),
  ])
  func aFileThatIsNotThereIs404(members: String, parameter: String) throws {
    let server = try TuningServer()
    let refused = try server.refusal("POST", TuningServer.jobs, Self.body(members))
    #expect(refused.status == 404)
    #expect(refused.code == "file_not_found")
    #expect(refused.parameter == parameter)
    // Inline examples of a job that is not made are not kept.
    #expect(server.tuning.files.files.isEmpty)
  }

  @Test(arguments: [
    ("\"model\":\"colour/x\"", "model"),
    ("\"model\":\"line\",\"gate\":{\"metric\":\"accuracy\"}", "gate.metric"),
    ("\"model\":\"colour\",\"gate\":{\"metric\":\"mean_absolute_error\"}", "gate.metric"),
    ("\"model\":\"colour\",\"objective\":\"multi_label\",\"head\":\"replace\"", "labels"),
    (
      "\"model\":\"colour\",\"objective\":\"regression\",\"head\":\"replace\",\"labels\":[\"a\",\"b\"]",
      "labels"
    ),
    ("\"model\":\"colour\",\"objective\":\"multi_label\"", "objective"),
    (
      "\"model\":\"colour\",\"validation_split\":0,\"hyperparameters\":{\"early_stopping\":{\"patience\":1}}",
      "validation_split"
    ),
  ])
  func whatDoesNotGoTogetherIs400(members: String, parameter: String) throws {
    let server = try TuningServer()
    let body = "{\(members),\"training_file\":\"file-x\"}"
    let refused = try server.refusal("POST", TuningServer.jobs, body)
    #expect(refused.status == 400)
    #expect(refused.parameter == parameter)
  }

  @Test func jobsThatAreNotThereAre404() throws {
    let server = try TuningServer()
    for (method, action) in [
      ("GET", ""), ("POST", "/cancel"), ("POST", "/pause"), ("POST", "/resume"), ("GET", "/events"),
      ("GET", "/events?stream=true"), ("GET", "/checkpoints"),
    ] {
      let refused = try server.refusal(method, "\(TuningServer.jobs)/ftjob-x\(action)")
      #expect(refused.status == 404 && refused.code == "job_not_found", "\(method) \(action)")
    }
    #expect(try server.refusal("GET", "\(TuningServer.jobs)?after=ftjob-x").status == 404)
    #expect(try server.refusal("GET", "\(TuningServer.jobs)?limit=0").parameter == "limit")
  }

  @Test func aFullQueueSaysWhenToComeBack() throws {
    let server = try TuningServer(isWorking: false)
    let file = try server.upload(SmallModels.jsonLines())
    for _ in 0..<server.tuning.queue.limits.unfinishedJobs {
      try server.create("colour", data: nil, "\"training_file\":\"\(file)\"")
    }
    let answer = try server.send(
      "POST",
      TuningServer.jobs,
      Self.body("\"data\":\(SmallModels.data(6))")
    )
    #expect(answer.status == 429)
    #expect(answer.headers.contains { $0.0.lowercased() == "retry-after" })
    #expect(server.tuning.files.files.map(\.id) == [file])
  }

  @Test func aFileInUseStaysUntilItsJobHasEnded() throws {
    let server = try TuningServer(isWorking: false)
    let file = try server.upload(SmallModels.jsonLines())
    let id = try server.create("colour", data: nil, "\"training_file\":\"\(file)\"")
    let refused = try server.refusal("DELETE", "/admin/v1/files/\(file)")
    #expect(refused.status == 409 && refused.code == "file_in_use")
    _ = try server.ask("POST", "\(TuningServer.jobs)/\(id)/cancel")
    #expect(try server.ask("DELETE", "/admin/v1/files/\(file)")["deleted"] == .bool(true))
  }

  @Test func aBaseVersionThatIsGoneFailsTheJob() throws {
    let server = try TuningServer(isWorking: false)
    let id = try server.create()
    server.folder.remove("models/colour/1")
    try server.tuning.start()
    let job = try server.wait(id)
    #expect(job["error"]?["code"] == "base_version_unavailable", "\(job)")
    #expect(job["error"]?["param"] == "model")
  }

  @Test func aPresentVersionThatCannotBeReadIsAWarning() throws {
    let server = try TuningServer()
    #expect(try server.run()["promotion"]?["promoted"] == .bool(true))
    try server.folder.write("models/colour/2/model.onnx", "damaged")
    let job = try server.run("colour/1")
    #expect(job["status"] == "succeeded", "\(job)")
    #expect(job["promotion"]?["promoted"] == .bool(false))
    let id = try #require(job["id"]?.text)
    let messages = try server.messages(id)
    #expect(
      messages.contains { $0.hasPrefix("Version 2 cannot be measured on the held-out examples: ") },
      "\(messages)"
    )
  }
}
