import HTTP
import Tensors
import Testing

@testable import Service

@Suite struct QValueTests {
  let server: TuningServer

  init() throws { server = try TuningServer(in: SmallAgents.folder()) }

  private func ask(_ model: String, _ body: String) throws -> String {
    let answer = try server.send("POST", "/v1/models/\(model):qvalues", body)
    try #require(answer.status == 200, "\(answer.text)")
    return answer.text
  }

  private func actions(_ body: String, _ model: String = "pole") throws -> [Int] {
    let answer = try server.ask("POST", "/v1/models/\(model):qvalues", body)
    return try #require(answer["predictions"]?.elements).compactMap { $0["action"]?.whole }
  }

  @Test func anObservationGetsItsValuesAndTheGreedyAction() throws {
    let answer = try server.send(
      "POST",
      "/v1/models/pole:qvalues",
      #"{"instances": [[0.5, 1.5, 0, 0], [3, 2, 0, 0]]}"#
    )
    #expect(answer["x-martlet-version"] == "1")
    #expect(
      answer.text == #"{"predictions":[{"q_values":[0.5,1.5],"actions":["left","right"],"#
        + #""action":1,"action_name":"right"},{"q_values":[3.0,2.0],"#
        + #""actions":["left","right"],"action":0,"action_name":"left"}]}"#
    )
  }

  @Test func ofEqualValuesTheFirstIsChosen() throws {
    #expect(try actions(#"{"instances": [[2, 2, 0, 0]]}"#) == [0])
  }

  @Test func aDuelingNetworkTellsStateValueAndAdvantages() throws {
    #expect(
      try ask("dueling", #"{"instances": [[1, 2]]}"#)
        == #"{"predictions":[{"q_values":[2.0,3.0],"actions":["left","right"],"action":1,"#
        + #""action_name":"right","state_value":1.0,"advantage":[1.0,2.0]}]}"#
    )
  }

  @Test func fieldsMayComeByNameInAnyOrderAndBesideArrays() throws {
    let body = #"""
      {"instances": [{"dangle": 0, "angle": 0, "dx": 7, "x": 8}, [1, 9, 0, 0],
       {"x": 1, "dx": 2, "angle": 3, "dangle": 4}]}
      """#
    #expect(try actions(body) == [0, 1, 1])
    #expect(
      try actions(#"{"instances": [[1, 9, 0, 0], {"x":8,"dx":7,"angle":0,"dangle":0}]}"#) == [1, 0]
    )
  }

  @Test func statesAreNumbersAndPicturesAreNestedLists() throws {
    #expect(try ask("maze", #"{"instances": [3, 0]}"#).contains("[30.0,31.0,32.0]"))
    #expect(
      try ask("eyes", #"{"instances": [[[[1,2],[3,4]], [[5,6],[7,8]]]]}"#).contains("[2.5,6.5]")
    )
  }

  @Test func versionsAndLabelsHaveTheRouteToo() throws {
    let body = #"{"instances": [[1, 2, 0, 0]]}"#
    #expect(try server.send("POST", "/v1/models/pole/versions/1:qvalues", body).status == 200)
    #expect(try server.send("POST", "/v1/models/pole/labels/nope:qvalues", body).status == 404)
  }

  @Test func predictAnswersTheSameNumbers() throws {
    #expect(
      try server.predict([[1, 2, 0, 0]], "pole").first == .array([.number(1), .number(2)])
    )
    let maze = try server.ask("POST", "/v1/models/maze:predict", #"{"instances": [1]}"#)
    #expect(
      maze["predictions"]?.elements.first == .array([.number(10), .number(11), .number(12)])
    )
  }

  @Test func anArrayFileIsABatchOfObservations() throws {
    let npy = try NPY.write(Tensor([1, 2, 0, 0, 4, 3, 0, 0] as [Float], [2, 4]))
    let answer = try HTTPClient(port: server.port, timeoutSeconds: 20).send(
      "POST",
      "/v1/models/pole:qvalues",
      headers: [("Content-Type", "application/x-npy")],
      body: npy
    )
    #expect(answer.text.contains(#""action":1"#) && answer.text.contains(#""action":0"#))
  }

  // MARK: - Exploring

  private static let row = "[1, 2, 0, 0]"
  private static func exploring(_ rule: String, count: Int) -> String {
    let rows = Array(repeating: row, count: count).joined(separator: ",")
    return "{\"instances\": [\(rows)], \"parameters\": {\(rule)}}"
  }

  @Test func epsilonGreedyActsAtRandomAsOftenAsItSays() throws {
    let actions = try actions(Self.exploring(#""epsilon": 0.4, "seed": 3"#, count: 4000))
    // Half of the random ones are the greedy action: 20 % are the other one, within four standard deviations.
    let other = Double(actions.count { $0 == 0 }) / 4000
    #expect(abs(other - 0.2) < 4 * (0.2 * 0.8 / 4000).squareRoot())
    #expect(
      try Set(self.actions(Self.exploring(#""epsilon": 0, "seed": 3"#, count: 100))) == [1]
    )
  }

  @Test func softmaxDrawsWithItsProbabilities() throws {
    let actions = try actions(Self.exploring(#""temperature": 0.5, "seed": 3"#, count: 4000))
    let expected = 1 / (1 + 7.38905609893065)  // 1 / (1 + e^((2 - 1) / 0.5))
    let share = Double(actions.count { $0 == 0 }) / 4000
    #expect(abs(share - expected) < 4 * (expected * (1 - expected) / 4000).squareRoot())
    let cold = try self.actions(Self.exploring(#""temperature": 1e-300, "seed": 3"#, count: 100))
    #expect(Set(cold) == [1])
  }

  @Test(arguments: [#""epsilon": 0.5"#, #""temperature": 2"#])
  func aSeedDecidesWhateverElseIsInTheBatch(rule: String) throws {
    let long = try actions(Self.exploring("\(rule), \"seed\": 11", count: 300))
    for count in [1, 2, 65, 130] {
      let short = try actions(Self.exploring("\(rule), \"seed\": 11", count: count))
      #expect(short == Array(long.prefix(count)))
    }
    #expect(try actions(Self.exploring("\(rule), \"seed\": 12", count: 300)) != long)
    #expect(Set(long) == [0, 1])
  }

  @Test func aSeedThatWasNotGivenIsTold() throws {
    let answer = try server.ask(
      "POST",
      "/v1/models/pole:qvalues",
      Self.exploring(#""epsilon": 0.5"#, count: 64)
    )
    let seed = try #require(answer["seed"]?.whole)
    let drawn = answer["predictions"]?.elements.compactMap { $0["action"]?.whole }
    let again = try actions(Self.exploring("\"epsilon\": 0.5, \"seed\": \(seed)", count: 64))
    #expect(drawn == again)
  }
}
