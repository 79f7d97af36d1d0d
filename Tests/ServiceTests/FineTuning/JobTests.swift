import HTTP
import Jobs
import Testing

@testable import Service

/// What a job does from the request to the version that answers.
@Suite struct JobTests {
  @Test func aJobMakesAVersionThatTakesOverAndCanBeRolledBack() throws {
    let server = try TuningServer()
    let rows = SmallModels.inputs(3)
    let before = try server.predict(rows)
    let job = try server.run()
    #expect(job["status"] == "succeeded")
    #expect(job["fine_tuned_model"] == "colour/2")
    #expect(job["model"] == "colour/1")
    #expect(job["promotion"]?["promoted"] == .bool(true))
    #expect(job["parent_version"] == .number(1))
    #expect(job["metrics"]?["accuracy"] == .number(1))
    #expect(try server.alias() == 2)
    let after = try server.predict(rows)
    #expect(after.map { $0["label"] } == ["red", "green", "blue"])
    #expect(after != before)
    _ = try server.ask("POST", "/admin/v1/models/colour/aliases/stable/rollback")
    #expect(try server.alias() == 1)
    #expect(try server.predict(rows) == before)
  }

  @Test func whatNeverIsPromotedTakesNoTraffic() throws {
    let server = try TuningServer()
    let before = try server.predict(SmallModels.inputs(3))
    let job = try server.run("colour", "\(TuningServer.quick),\"promote\":\"never\"")
    #expect(job["status"] == "succeeded")
    #expect(job["promotion"]?["promoted"] == .bool(false))
    // The new version is there, and the alias holds the old one.
    #expect(try server.alias() == 1)
    #expect(try server.predict(SmallModels.inputs(3)) == before)
    let version = "/v1/models/colour/versions/2:predict"
    #expect(try server.send("POST", version, "{\"instances\":[[1,0,0,0]]}").status == 200)
  }

  @Test func aVersionThatIsNoBetterIsNotPromoted() throws {
    let server = try TuningServer()
    let still = "\"seed\":1,\"hyperparameters\":{\"n_epochs\":1,\"learning_rate\":1e-12}"
    let job = try server.run("colour", still)
    #expect(job["promotion"]?["promoted"] == .bool(false))
    let accuracy = try #require(job["metrics"]?["accuracy"]?.double)
    #expect(job["parent_metrics"]?["accuracy"]?.double == accuracy)
    #expect(try server.alias() == 1)
  }

  @Test func aBoundThatIsNotReachedHoldsBack() throws {
    let server = try TuningServer()
    let gate = "\(TuningServer.quick),\"gate\":{\"metric\":\"accuracy\",\"bound\":1.5}"
    let job = try server.run("colour", gate)
    #expect(job["promotion"]?["reason"] == "accuracy 1.0 does not reach 1.5")
    #expect(try server.alias() == 1)
  }

  @Test func anotherAliasIsMadeByTheFirstPromotion() throws {
    let server = try TuningServer()
    let job = try server.run("colour", "\(TuningServer.quick),\"alias\":\"canary\"")
    #expect(job["promotion"]?["promoted"] == .bool(true))
    #expect(try server.alias("canary") == 2)
    #expect(try server.alias() == 1)
  }

  @Test func aNewHeadTakesItsLabelsFromTheDataAndHasToBeatChance() throws {
    let server = try TuningServer()
    let data = SmallModels.data(labels: ["two", "one"])
    let job = try server.run("colour", data: data, "\(TuningServer.quick),\"head\":\"replace\"")
    #expect(job["promotion"]?["promoted"] == .bool(true), "\(job)")
    #expect(job["parent_metrics"] == .null)
    #expect(
      job["promotion"]?["reason"]?.text?.contains("always answering the most frequent label")
        == true
    )
    let rows = SmallModels.inputs(2, classes: 2)
    let answers = try server.predict(rows)
    #expect(answers.map { $0["label"] } == ["two", "one"])
    #expect(answers[0]["probabilities"]?.elements.count == 2)
  }

  @Test func aValidationFileIsWhatTheVersionIsJudgedBy() throws {
    let server = try TuningServer()
    let training = try server.upload(SmallModels.jsonLines(60))
    let validation = try server.upload(SmallModels.jsonLines(12), name: "held-out.jsonl")
    let files = "\"training_file\":\"\(training)\",\"validation_file\":\"\(validation)\""
    let job = try server.run("colour", data: nil, "\(files),\(TuningServer.quick)")
    #expect(job["validation_split"] == .number(0))
    #expect(job["metrics"]?["accuracy"] == .number(1))
    let id = try #require(job["id"]?.text)
    #expect(
      try server.messages(id).contains {
        $0.hasPrefix("Files validated: 60 examples to train on, 12 held out")
      }
    )
  }

  @Test func frozenLayersKeepTheirWeightsAndAreComputedOnce() throws {
    let server = try TuningServer()
    let job = try server.run("colour", "\(TuningServer.quick),\"freeze\":[\"hidden*\"]")
    #expect(job["status"] == "succeeded")
    let id = try #require(job["id"]?.text)
    #expect(try server.messages(id).contains { $0.contains("frozen layers were computed once") })
    // 8 x 3 weights and 3 biases of the head.
    #expect(try server.messages(id).contains { $0.hasSuffix("; 27 weights are trained") })
  }

  @Test func theSameSeedGivesTheSameFile() throws {
    let server = try TuningServer()
    let from = "colour/1"
    for _ in 0..<2 { _ = try server.run(from) }
    let other = TuningServer.quick.replacing("\"seed\":1", with: "\"seed\":2")
    _ = try server.run(from, other)
    let graphs = try (2...4).map { try server.graph("colour", $0) }
    #expect(graphs[0] == graphs[1])
    #expect(graphs[0] != graphs[2])
  }

  @Test func aBareFileBecomesAFolderWithItsSuccessor() throws {
    let server = try TuningServer()
    let data = SmallModels.data(labels: ["0", "1", "2"])
    let gate = "\(TuningServer.quick),\"gate\":{\"metric\":\"loss\"}"
    let job = try server.run("bare", data: data, gate)
    #expect(job["fine_tuned_model"] == "bare/2")
    #expect(job["promotion"]?["promoted"] == .bool(true), "\(job)")
    let answers = try server.predict(SmallModels.inputs(3), "bare")
    #expect(answers.map { $0["label"] } == ["0", "1", "2"])
  }

  @Test func theDocumentHasTheMembersThatTheContractNames() throws {
    let server = try TuningServer()
    let job = try server.run(
      "colour",
      "\(TuningServer.quick),\"suffix\":\"s\",\"metadata\":{\"a\":\"b\"}"
    )
    for key in [
      "id", "object", "created_at", "started_at", "finished_at", "estimated_finish", "status",
      "model", "fine_tuned_model", "training_file", "validation_file", "error", "progress",
      "metrics", "parent_metrics", "promotion", "hyperparameters", "method", "seed", "gate",
      "freeze", "result_files", "organization_id", "trained_tokens", "integrations",
    ] {
      #expect(job[key] != nil, "\(key)")
    }
    #expect(job["object"] == "fine_tuning.job")
    #expect(job["metadata"] == ["a": "b"])
    #expect(job["hyperparameters"]?["n_epochs"] == .number(8))
    #expect(job["estimated_finish"] == .null)
  }
}
