import HTTP
import ONNXFormat
import Testing

@testable import Service

/// Jobs on models of sequences, from the request to the new version that answers.
@Suite struct SequenceJobTests {
  static let members =
    #""seed":1,"hyperparameters":{"n_epochs":6,"batch_size":16,"learning_rate":0.02}"#

  static func make() throws -> TuningServer {
    let folder = TemporaryFolder()
    try folder.makeFolder("models")
    try SmallSequenceModels.write(in: "\(folder.path)/models")
    return try TuningServer(in: folder)
  }

  static func upload(_ task: SequenceTask, to server: TuningServer) throws -> String {
    let (name, content) = try SmallSequenceModels.examples(task)
    return try server.tuning.files.add(content, filename: name, purpose: "fine-tune").id
  }

  /// Asks the version that serves for an answer.
  static func answer(_ task: SequenceTask, _ server: TuningServer) throws -> JSONValue? {
    let instance =
      switch task {
      case .imageCaptioning: "[[[0.9, 0.9], [0.9, 0.9]]]"
      case .forecasting: "[4, 5, 7, 6, 4, 5]"
      default: "\"abc\""
      }
    let parameters = task.hasTargetText ? #", "parameters": {"temperature": 0}"# : ""
    return try server.ask(
      "POST",
      "/v1/models/\(task.rawValue):\(task.verb)",
      "{\"instances\": [\(instance)]\(parameters)}"
    )["predictions"]?.elements.first
  }

  @Test(arguments: SequenceTask.allCases)
  func aJobMakesABetterVersionThatAnswers(_ task: SequenceTask) throws {
    let server = try Self.make()
    let before = try Self.answer(task, server)
    #expect(before != nil)
    let file = try Self.upload(task, to: server)
    let job = try server.run(
      task.rawValue,
      data: nil,
      "\"training_file\":\"\(file)\",\(Self.members)"
    )
    let id = try #require(job["id"]?.text)
    let messages = try server.messages(id)
    try #require(job["status"] == "succeeded", "\(messages)")
    #expect(job["objective"] == "sequence")
    #expect(messages.contains { $0.hasPrefix("Files validated: ") })
    // Better than the version that it started from, so it answers now.
    #expect(messages.contains("Alias 'stable' points to version 2 now"), "\(messages)")
    #expect(try server.alias(of: task.rawValue) == 2)
    let after = try Self.answer(task, server)
    #expect(after != nil && after != before)
    let folder = try ModelFolder.open("\(server.repository.root)/\(task.rawValue)/2")
    #expect(folder.manifest.task == task.rawValue)
    #expect(folder.manifest.lineage.parent == "\(task.rawValue)/1")
    #expect(folder.manifest.training?.curves?["loss"]?.count == 6)
    #expect(try folder.golden() != nil)
  }

  @Test func equalJobsMakeEqualWeights() throws {
    let server = try Self.make()
    let file = try Self.upload(.translation, to: server)
    for version in 2...3 {
      let job = try server.run(
        "translation/1",
        data: nil,
        "\"training_file\":\"\(file)\",\"promote\":\"never\",\(Self.members)"
      )
      #expect(job["status"] == "succeeded")
      #expect(try server.graph("translation", version).count > 1000)
    }
    #expect(try server.graph("translation", 2) == server.graph("translation", 3))
  }

  @Test func whatHasNoMeaningIsRefused() throws {
    let server = try Self.make()
    let file = try Self.upload(.translation, to: server)
    let path = TuningServer.jobs
    func refusal(_ members: String, model: String = "translation") throws -> TuningServer.Refused {
      try server.refusal("POST", path, "{\"model\":\"\(model)\",\(members)}")
    }
    let withFile = "\"training_file\":\"\(file)\""
    let cases = [
      ("\"data\":{\"instances\":[\"a\"],\"labels\":[\"b\"]}", "data"),
      ("\"data\":{\"feedback\":true}", "data"),
      ("\(withFile),\"objective\":\"classification\"", "objective"),
      ("\(withFile),\"head\":\"replace\"", "head"),
      ("\(withFile),\"augmentation\":{\"shift\":2}", "augmentation"),
      ("\(withFile),\"hyperparameters\":{\"dropout\":0.5}", "hyperparameters.dropout"),
      ("\(withFile),\"gate\":{\"metric\":\"mean_absolute_error\"}", "gate.metric"),
    ]
    for (members, parameter) in cases {
      let refused = try refusal(members)
      #expect(refused.status == 400 && refused.parameter == parameter, "\(members): \(refused)")
      #expect(refused.message.contains("translation"), "\(refused)")
    }
    let forecast = try refusal(
      "\(withFile),\"gate\":{\"metric\":\"accuracy\"}",
      model: "forecasting"
    )
    #expect(forecast.parameter == "gate.metric")
    #expect(try refusal("\"training_file\":\"file-none\"").status == 404)
  }

  @Test func aBadFileFailsTheJobWithItsLines() throws {
    let server = try Self.make()
    let file = try server.upload("{\"source\": \"ab\", \"target\": \"ab\"}\n{\"source\": 3}\n")
    let job = try server.run("translation", data: nil, "\"training_file\":\"\(file)\"")
    #expect(job["status"] == "failed")
    #expect(job["error"]?["code"] == "invalid_training_file")
    #expect(job["error"]?["message"]?.text?.contains("line 2, target") == true)
  }
}
