import HTTP
import Testing

@testable import Service

/// Every bad query of Q-values is a clear 4xx.
@Suite struct QValueErrorTests {
  /// A request and what its error must say.
  struct Case: Sendable, CustomTestStringConvertible {
    let path: String
    let body: String
    let status: Int
    let says: [String]

    init(_ path: String, _ body: String, _ status: Int, _ says: String...) {
      self.path = "/v1/models/\(path)"
      self.body = body
      self.status = status
      self.says = says
    }

    var testDescription: String { "\(path) \(body.prefix(60))" }
  }

  private static func instances(_ text: String) -> String { #"{"instances": [\#(text)]}"# }
  private static func parameters(_ text: String) -> String {
    #"{"instances": [[1, 2, 3, 4]], "parameters": {\#(text)}}"#
  }

  static let cases: [Case] = [
    // The body.
    Case("pole:qvalues", "", 400, "must be a JSON object"),
    Case("pole:qvalues", "{}", 400, "'instances' is missing", "4 numbers (x, dx, angle, dangle)"),
    Case("pole:qvalues", #"{"instances": 3}"#, 400, "'instances' must be a list"),
    Case("pole:qvalues", #"{"instances": []}"#, 400, "'instances' is empty"),
    Case("pole:qvalues", #"{"instances": [[1,2,3,4]], "instances": []}"#, 400, "twice"),
    Case(
      "pole:qvalues",
      #"{"instances": [[1,2,3,4]], "epsilon": 1}"#,
      400,
      "'epsilon'",
      "known are"
    ),
    Case("pole:qvalues", instances("[1,2,3,4]") + "x", 400, "expected the end"),
    // Lengths and kinds.
    Case(
      "pole:qvalues",
      instances("[1,2,3]"),
      400,
      "instances[0]",
      "(x, dx, angle, dangle)",
      "3 numbers"
    ),
    Case("pole:qvalues", instances("[1,2,3,4],[1,2]"), 400, "instances[1]", "found 2 numbers"),
    Case("pole:qvalues", instances("1,2,3,4"), 400, "instances[0]", "a list of 4 numbers"),
    Case("pole:qvalues", instances("[[1,2,3,4]]"), 400, "instances[0]", "shape [1, 4]"),
    Case("pole:qvalues", instances(#"[1,2,3,"4"]"#), 400, "instances[0][3]"),
    Case("pole:qvalues", instances("null"), 400, "instances[0]", "a list of 4 numbers"),
    Case("pole:qvalues", instances(""), 400, "'instances' is empty"),
    Case("pole:qvalues", instances("[1,2,3,4"), 400, "instances[0]"),
    Case("eyes:qvalues", instances("[1,2]"), 400, "instances[0]", "shape [2, 2, 2]"),
    Case("maze:qvalues", instances("[1]"), 400, "the number of a state, 0 to 3", "a list"),
    Case("maze:qvalues", instances("4"), 400, "instances[0] is state 4", "0 to 3"),
    Case("maze:qvalues", instances("0, -1"), 400, "instances[1] is state -1"),
    Case("maze:qvalues", instances("1.5"), 400, "whole number"),
    Case("maze:qvalues", instances("1e30"), 400, "does not fit"),
    Case("maze:predict", instances("7"), 400, "state 7", "0 to 3"),
    // Numbers that are none.
    Case("pole:qvalues", instances("[1,2,NaN,4]"), 400, "instances[0][2] (angle)", "not a finite"),
    Case("pole:qvalues", instances("[1,2,3,4],[1,-Infinity,3,4]"), 400, "instances[1][1] (dx)"),
    Case("pole:qvalues", instances("[1,2,3,1e39]"), 400, "instances[0][3]"),
    Case("pole:qvalues", instances(#"{"x":1,"dx":NaN,"angle":0,"dangle":0}"#), 400, "(dx)"),
    Case("eyes:qvalues", instances("[[[1,2],[3,4]],[[5,6],[NaN,8]]]"), 400, "[1][1][0]"),
    // Fields.
    Case("pole:qvalues", instances(#"{"x":1,"dx":2,"angle":3}"#), 400, "lacks the field 'dangle'"),
    Case("pole:qvalues", instances("{}"), 400, "lacks the field 'x'"),
    Case("pole:qvalues", instances(#"{"x":1,"y":2}"#), 400, "the field 'y'", "does not know"),
    Case("pole:qvalues", instances(#"{"x":1,"x":2}"#), 400, "the field 'x' twice"),
    Case("pole:qvalues", instances(#"{"x":"1"}"#), 400, "instances[0].x"),
    Case("pole:qvalues", instances(#"[1,2,3,4],{"x":1}"#), 400, "instances[1]", "lacks"),
    Case("dueling:qvalues", instances(#"{"x":1}"#), 400, "no named fields", "2 numbers"),
    // Parameters.
    Case(
      "pole:qvalues",
      #"{"instances": [[1,2,3,4]], "parameters": 3}"#,
      400,
      "'parameters' must be"
    ),
    Case("pole:qvalues", parameters(#""epsilom": 1"#), 400, "'parameters.epsilom'", "epsilon"),
    Case("pole:qvalues", parameters(#""epsilon": 1.5"#), 400, "'parameters.epsilon'", "0.0 to 1.0"),
    Case("pole:qvalues", parameters(#""epsilon": -0.1"#), 400, "'parameters.epsilon'"),
    Case("pole:qvalues", parameters(#""epsilon": NaN"#), 400, "'parameters.epsilon'"),
    Case("pole:qvalues", parameters(#""epsilon": "high""#), 400, "found 'high'"),
    Case("pole:qvalues", parameters(#""temperature": 0"#), 400, "a finite number above 0"),
    Case("pole:qvalues", parameters(#""temperature": -1"#), 400, "found -1.0"),
    Case("pole:qvalues", parameters(#""temperature": Infinity"#), 400, "above 0"),
    Case("pole:qvalues", parameters(#""epsilon": 0, "temperature": 1"#), 400, "both there"),
    Case("pole:qvalues", parameters(#""epsilon": 0, "seed": -1"#), 400, "'parameters.seed'"),
    Case("pole:qvalues", parameters(#""epsilon": 0, "seed": 1.5"#), 400, "whole number"),
    // Models and routes.
    Case("nobody:qvalues", instances("[1]"), 404, "nobody"),
    Case("colour:qvalues", instances("[1,2,3,4]"), 409, "classification", "models/colour:predict"),
    Case("pole:sequence", instances(#""a""#), 409, "q-values", "models/pole:qvalues"),
    Case("pole:caption", instances(#""a""#), 409, "q-values", "models/pole:qvalues"),
    Case("pole:classify", #"{"examples": [{"observation": [1,2,3,4]}]}"#, 409, "pole:qvalues"),
    Case("pole:regress", #"{"examples": [{"observation": [1,2,3,4]}]}"#, 409, "pole:qvalues"),
  ]

  @Test func everyBadRequestSaysWhatIsWrong() throws {
    let server = try TuningServer(in: SmallAgents.folder())
    for entry in Self.cases {
      let answer = try server.send("POST", entry.path, entry.body)
      #expect(answer.status == entry.status, "\(entry.testDescription): \(answer.text)")
      for text in entry.says {
        #expect(answer.text.contains(text), "\(entry.testDescription): \(answer.text)")
      }
    }
  }

  @Test func sequencesAnswerElsewhere() throws {
    let server = try ServiceServer(["writer.onnx": "sequences text-generation"])
    let answer = try server.post("/v1/models/writer:qvalues", Self.instances("[1]"))
    #expect(answer.status == 409)
    #expect(answer.text.contains("text-generation: use POST /v1/models/writer:sequence"))
  }

  @Test func picturesAreNoQueries() throws {
    let server = try TuningServer(in: SmallAgents.folder())
    let answer = try server.send(
      "POST",
      "/v1/models/pole:qvalues",
      "x",
      headers: [("Content-Type", "image/png")]
    )
    #expect(answer.status == 415 && answer.text.contains("send JSON"))
  }

  @Test func aBadObservationLeavesTheNextRequestAlone() throws {
    let server = try TuningServer(in: SmallAgents.folder())
    for _ in 0..<3 {
      let bad = try server.send(
        "POST",
        "/v1/models/pole:qvalues",
        Self.instances("[1,2,3,4],[NaN]")
      )
      #expect(bad.status == 400)
      let good = try server.send("POST", "/v1/models/pole:qvalues", Self.instances("[1,2,3,4]"))
      #expect(good.text.contains("[1.0,2.0]"))
    }
  }
}
