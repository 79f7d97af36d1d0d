import HTTP
import Testing

@testable import Service

/// Every bad request to a sequence model is a clear 4xx.
@Suite struct SequenceErrorTests {
  /// A request and what its error must say.
  struct Case: Sendable, CustomTestStringConvertible {
    let path: String
    let body: String
    let status: Int
    let says: [String]

    init(_ path: String, _ body: String, _ status: Int = 400, _ says: String...) {
      self.path = "/v1/models/\(path)"
      self.body = body
      self.status = status
      self.says = says
    }

    var testDescription: String { "\(path) \(body.prefix(60))" }
  }

  private static func parameters(_ text: String) -> String {
    #"{"instances": ["a"], "parameters": {\#(text)}}"#
  }

  static let cases: [Case] = [
    // The body.
    Case("writer:sequence", "", 400, "must be a JSON object"),
    Case("writer:sequence", "{}", 400, "'instances' is missing"),
    Case("writer:sequence", #"{"instances": "a"}"#, 400, "'instances' must be a list"),
    Case("writer:sequence", #"{"instances": []}"#, 400, "'instances' is empty"),
    Case("writer:sequence", #"{"instances": ["a"], "instances": ["b"]}"#, 400, "twice"),
    Case("writer:sequence", #"{"instances": ["a"], "steps": 3}"#, 400, "'steps'", "parameters"),
    Case("writer:sequence", #"{"instances": ["a"]} x"#, 400, "expected the end"),
    Case("writer:sequence", "{\"instances\": [\"\u{1}\"]}", 400, "control character"),
    Case("writer:sequence", #"{"instances": ["\ud800"]}"#, 400, "surrogate"),
    // Instances.
    Case("writer:sequence", #"{"instances": ["a", ""]}"#, 400, "instances[1]", "empty"),
    Case("writer:sequence", #"{"instances": [" "]}"#, 400, "instances[0]", "no token"),
    Case("writer:sequence", #"{"instances": ["a", 7]}"#, 400, "instances[1]", "a string", "'7'"),
    Case("writer:sequence", #"{"instances": [{"b64": ""}]}"#, 400, "must be a string"),
    Case("writer:sequence", #"{"instances": ["abcdefghijklm"]}"#, 400, "13 tokens", "at most 12"),
    Case("sales:sequence", #"{"instances": ["a"]}"#, 400, "instances[0]", "a list of numbers"),
    Case("sales:sequence", #"{"instances": [[]]}"#, 400, "instances[0]", "empty"),
    Case("sales:sequence", #"{"instances": [[1, NaN]]}"#, 400, "position 1", "finite"),
    Case("sales:sequence", #"{"instances": [[[1]]]}"#, 400, "one list of numbers"),
    Case("sales:sequence", #"{"instances": [[1,2,3,4,5,6,7,8,9,10,11,12,13]]}"#, 400, "13 numbers"),
    Case("eyes:caption", #"{"instances": ["a"]}"#, 400, "instances[0]", "an image"),
    Case("eyes:caption", #"{"instances": [{"b64": "QUJDREVG"}]}"#, 400, "instances[0]", "no image"),
    Case("eyes:caption", #"{"instances": [{"b64": "%"}]}"#, 400, "base64"),
    Case("eyes:caption", #"{"instances": [{"png": "QUJD"}]}"#, 400, "an image"),
    Case("eyes:caption", #"{"instances": [[[[1,2]]]]}"#, 400, "instances[0]", "[1,2,2]"),
    // Parameters.
    Case("writer:sequence", #"{"instances": ["a"], "parameters": 3}"#, 400, "'parameters' must be"),
    Case(
      "writer:sequence",
      parameters(#""tempratur": 1"#),
      400,
      "'parameters.tempratur'",
      "temperature"
    ),
    Case(
      "writer:sequence",
      parameters(#""steps": 1"#),
      400,
      "'parameters.steps'",
      "text-generation"
    ),
    Case(
      "mood:sequence",
      parameters(#""seed": 1"#),
      400,
      "'parameters.seed'",
      "takes no parameters"
    ),
    Case(
      "writer:sequence",
      parameters(#""temperature": -1"#),
      400,
      "'parameters.temperature'",
      "found -1"
    ),
    Case("writer:sequence", parameters(#""temperature": 1e9"#), 400, "from 0.0 to 100.0"),
    Case("writer:sequence", parameters(#""temperature": NaN"#), 400, "'parameters.temperature'"),
    Case("writer:sequence", parameters(#""temperature": "hot""#), 400, "found 'hot'"),
    Case("writer:sequence", parameters(#""top_k": 0"#), 400, "'parameters.top_k'"),
    Case("writer:sequence", parameters(#""top_k": 1.5"#), 400, "whole number"),
    Case("writer:sequence", parameters(#""top_p": 0"#), 400, "'parameters.top_p'", "above 0"),
    Case("writer:sequence", parameters(#""top_p": 1.5"#), 400, "'parameters.top_p'"),
    Case("writer:sequence", parameters(#""max_length": 0"#), 400, "from 1 to 20"),
    Case("writer:sequence", parameters(#""max_length": 21"#), 400, "from 1 to 20"),
    Case("writer:sequence", parameters(#""seed": -1"#), 400, "'parameters.seed'"),
    Case("writer:sequence", parameters(#""beam_width": 33"#), 400, "from 1 to 32"),
    Case("writer:sequence", parameters(#""n_best": 2"#), 400, "'parameters.n_best'", "beam_width"),
    Case(
      "writer:sequence",
      parameters(#""beam_width": 2, "temperature": 1"#),
      400,
      "draws nothing"
    ),
    Case("writer:sequence", parameters(#""stop": [""]"#), 400, "'parameters.stop'"),
    Case("writer:sequence", parameters(#""stop": ["a", 1]"#), 400, "'parameters.stop'"),
    Case(
      "writer:sequence",
      parameters(#""stop": ["1","2","3","4","5","6","7","8","9"]"#),
      400,
      "at most 8"
    ),
    Case(
      "sales:sequence",
      #"{"instances": [[1]], "parameters": {"steps": 0}}"#,
      400,
      "'parameters.steps'"
    ),
    Case(
      "sales:sequence",
      #"{"instances": [[1]], "parameters": {"max_length": 1}}"#,
      400,
      "takes steps"
    ),
    // Streams.
    Case("writer:sequence", #"{"instances": ["a", "b"], "stream": true}"#, 400, "one instance"),
    Case("writer:sequence", #"{"instances": ["a"], "stream": 1}"#, 400, "'stream'"),
    Case("writer:sequence", #"{"instances": ["a"], "resume_seconds": 5}"#, 400, "'resume_seconds'"),
    Case(
      "writer:sequence",
      #"{"instances": ["a"], "stream": true, "resume_seconds": 61}"#,
      400,
      "'resume_seconds'"
    ),
    // The wrong verb.
    Case(
      "eyes:sequence",
      #"{"instances": ["a"]}"#,
      409,
      "image-captioning",
      "/v1/models/eyes:caption"
    ),
    Case("writer:caption", #"{"instances": ["a"]}"#, 409, "text-generation", "writer:sequence"),
    Case("writer:predict", #"{"instances": [[1,2,3]]}"#, 409, "text-generation", "writer:sequence"),
    Case("eyes:classify", #"{"examples": [{}]}"#, 409, "/v1/models/eyes:caption"),
    Case("plain:sequence", #"{"instances": ["a"]}"#, 409, "/v1/models/plain:predict"),
    Case("plain:caption", #"{"instances": ["a"]}"#, 409, "/v1/models/plain:predict"),
    Case("none:sequence", "{}", 404, "none"),
  ]

  @Test func badRequestsAreRefused() throws {
    let server = try SequenceServer.make()
    let client = server.client()
    for bad in Self.cases {
      let response = try client.send("POST", bad.path, body: Array(bad.body.utf8))
      #expect(response.status == bad.status, "\(bad.testDescription): \(response.text)")
      let error = try ServiceServer.value(response)["error"]?.text ?? ""
      for part in bad.says {
        #expect(error.contains(part), "\(bad.testDescription): \(error)")
      }
    }
    let page = try server.get("/metrics").text
    #expect(page.contains(#"martlet_sequence_active{model="writer"} 0"#))
  }

  @Test func textThatIsNotUTF8IsRefused() throws {
    let server = try SequenceServer.make()
    let body = Array(#"{"instances": [""#.utf8) + [0xC3, 0x28] + Array(#""]}"#.utf8)
    let response = try server.client().send("POST", "/v1/models/writer:sequence", body: body)
    #expect(response.status == 400)
    #expect(response.text.contains("not UTF-8"))
  }

  @Test func limitsOfTheServerHold() throws {
    let server = try SequenceServer.make {
      $0.sequencesPerRequest = 2
      $0.promptBytes = 8
      $0.inlineBodyBytes = 40
    }
    let path = "/v1/models/writer:sequence"
    let many = try server.post(path, #"{"instances": ["a", "b", "c"]}"#)
    #expect(many.status == 413)
    #expect(many.text.contains("more than 2"))
    let long = try server.post(path, #"{"instances": ["a", "abcdefghi"]}"#)
    #expect(long.status == 400)
    #expect(long.text.contains("instances[1] has 9 bytes, at most 8"))
    // Read on another thread.
    let padding = String(repeating: " ", count: 40)
    #expect(try server.post(path, #"{"instances": ["a"]}"# + padding).status == 200)
    #expect(try server.post(path, #"{"instances": [""]}"# + padding).status == 400)
  }

  @Test func tooManySequencesAreToldWhenToComeBack() throws {
    let server = try SequenceServer.make { $0.sequencesPerModel = 2 }
    let path = "/v1/models/slow:sequence"
    let held = try server.open("POST", path, #"{"instances": ["a"], "stream": true}"#)
    let refused = try server.post(path, #"{"instances": ["a", "b"]}"#)
    #expect(refused.status == 429)
    #expect(refused["retry-after"] == "1")
    #expect(refused.text.contains("at most 2"))
    withExtendedLifetime(held) {}
  }

  @Test func anAnswerThatTakesTooLongIsGivenUp() throws {
    let server = try SequenceServer.make()
    let client = server.client()
    try client.sendRaw(
      Array(
        """
        POST /v1/models/slow:sequence HTTP/1.1\r
        Host: localhost\r
        X-Request-Timeout-Ms: 1\r
        Content-Length: 20\r
        \r
        {"instances": ["a"]}
        """.utf8
      )
    )
    try SequenceServer.wait { server.loader.decoding.count == 1 }
    pause(microseconds: 2000)
    server.loader.decoding.step()
    let response = try client.receive()
    #expect(response.status == 504)
    #expect(response.text.contains("X-Request-Timeout-Ms"))
    #expect(server.loader.decoding.count == 0)
    #expect(
      try server.post(
        "/v1/models/slow:sequence",
        #"{"instances": ["a"]}"#,
        headers: [("X-Request-Timeout-Ms", "soon")]
      ).status == 400
    )
  }

  @Test func bodiesOfOtherTypesAreRefused() throws {
    let server = try SequenceServer.make()
    let picture: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0]
    let client = server.client()
    let path = "/v1/models/writer:sequence"
    #expect(try client.send("POST", path, body: picture).status == 415)
    let video = [("Content-Type", "video/mp4")]
    #expect(try client.send("POST", path, headers: video, body: [1]).status == 415)
    let gzip = [("Content-Encoding", "gzip")]
    #expect(try client.send("POST", path, headers: gzip, body: [1]).status == 415)
    #expect(try client.send("GET", path).status == 405)
  }
}
