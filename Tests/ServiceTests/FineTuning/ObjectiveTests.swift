import HTTP
import Testing

@testable import Service

/// Jobs that learn something else than one label a row.
@Suite struct ObjectiveTests {
  @Test func aRegressionGetsCloser() throws {
    let server = try TuningServer()
    let job = try server.run("line", data: SmallModels.targets())
    #expect(job["objective"] == "regression")
    #expect(job["promotion"]?["promoted"] == .bool(true), "\(job)")
    let loss = try #require(job["metrics"]?["loss"]?.double)
    #expect(loss < (job["parent_metrics"]?["loss"]?.double ?? 0))
    let answer = try server.send(
      "POST",
      "/v1/models/line:regress",
      "{\"examples\":[{\"x\":[1,0,0,0]}]}"
    )
    #expect(answer.status == 200, "\(answer.text)")
  }

  @Test func aNewHeadOfARegressionHasAsManyNumbersAsTheTargets() throws {
    let server = try TuningServer()
    let members = "\(TuningServer.quick),\"objective\":\"regression\",\"head\":\"replace\""
    let job = try server.run("colour", data: SmallModels.targets(width: 2), members)
    #expect(job["status"] == "succeeded", "\(job)")
    let path = "/v1/models/colour/versions/2:predict"
    let answer = try server.ask("POST", path, "{\"instances\":[[1,0,0,0]]}")
    let row = try #require(answer["predictions"]?.elements.first)
    #expect(row["logits"]?.elements.count == 2)
    #expect(row["label"] == nil)
  }

  @Test func aModelOfSeveralLabelsARowAnswersAllThatApply() throws {
    let server = try TuningServer()
    let rows = SmallModels.inputs(60)
    let sets = rows.indices.map { ["[\"red\"]", "[\"red\",\"green\"]", "[]"][$0 % 3] }
    let data = "{\"instances\":\(rows),\"labels\":[\(sets.joined(separator: ","))]}"
    let members = TuningServer.quick.replacing("\"n_epochs\":8", with: "\"n_epochs\":20")
    let job = try server.run("tags", data: data, members)
    #expect(job["promotion"]?["promoted"] == .bool(true), "\(job)")
    let answers = try server.predict(Array(rows[..<3]), "tags")
    #expect(answers.map { $0["labels"] } == [["red"], ["red", "green"], []])
    #expect(answers.allSatisfy { $0["label"] == nil && $0["score"] == nil })
    let columns = try server.ask(
      "POST",
      "/v1/models/tags:predict",
      "{\"inputs\":\(Array(rows[..<3]))}"
    )
    #expect(columns["outputs"]?["labels"] == [["red"], ["red", "green"], []])
  }

  @Test func aClassifierBecomesAModelOfSeveralLabelsWithANewHead() throws {
    let server = try TuningServer()
    let rows = SmallModels.inputs(30)
    let sets = rows.indices.map { $0 % 2 == 0 ? "[\"warm\"]" : "[\"warm\",\"dark\"]" }
    let data = "{\"instances\":\(rows),\"labels\":[\(sets.joined(separator: ","))]}"
    let members =
      "\(TuningServer.quick),\"objective\":\"multi_label\",\"head\":\"replace\",\"labels\":[\"warm\",\"dark\"],\"promote\":\"always\""
    let job = try server.run("colour", data: data, members)
    #expect(job["promotion"]?["promoted"] == .bool(true), "\(job)")
    let answer = try #require(try server.predict(Array(rows[..<1])).first)
    #expect(answer["labels"]?.elements.contains("warm") == true)
  }

  @Test func aBareFileOfOneOutputIsARegressionUnlessARequestSaysOtherwise() throws {
    let server = try TuningServer()
    let refused = try server.refusal(
      "POST",
      TuningServer.jobs,
      "{\"model\":\"line\",\"data\":\(SmallModels.targets()),\"objective\":\"classification\"}"
    )
    #expect(refused.parameter == "objective")
    #expect(
      refused.message
        == "the model does regression; another objective needs \"head\": \"replace\""
    )
  }
}
