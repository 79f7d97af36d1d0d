import HTTP
import Testing

@testable import Service

/// Every way to ask wrongly: the status, and a message that says what and where.
@Suite struct BadRequestTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let body: String
    let message: String
    var status = 400
    var testDescription: String { message }
  }

  static let bodies: [Case] = [
    Case(
      body: "",
      message: "the body must be a JSON object, found the end at line 1, column 1 (byte 0)"
    ),
    Case(body: "[1]", message: "the body must be a JSON object, found '['"),
    Case(body: "{", message: "expected a string, found the end"),
    Case(body: "{}", message: "Missing 'inputs' or 'instances' key"),
    Case(body: #"{"instance":[[1,2,3]]}"#, message: "the body has 'instance'"),
    Case(
      body: #"{"instances":[[1,2,3]]"#,
      message: "expected '}' or ',' in the body, found the end"
    ),
    Case(
      body: #"{"instances":[[1,2,3]]} x"#,
      message: "expected the end after the body, found 'x'"
    ),
    Case(
      body: #"{"instances":[[1,2,3]],"instances":[[1,2,3]]}"#,
      message: "the body has the key 'instances' twice"
    ),
    Case(
      body: #"{"instances":[[1,2,3]],"inputs":[[1,2,3]]}"#,
      message: "both 'instances' and 'inputs'"
    ),
    Case(body: #"{"instances":[]}"#, message: "'instances' is empty: send at least one row"),
    Case(body: #"{"instances":7}"#, message: "'instances' must be a list of rows, found '7'"),
    Case(body: #"{"inputs":[]}"#, message: "input 'x': expected shape [N,3], got [0]"),
    Case(body: #"{"inputs":{}}"#, message: "'inputs' lacks the key 'x'"),
    Case(
      body: #"{"inputs":{"y":[[1,2,3]]}}"#,
      message: "'inputs' lacks the key 'x'; 'inputs' has 'y'"
    ),
    Case(body: #"{"instances":[[1,2]]}"#, message: "input 'x': expected shape [N,3], got [1,2]"),
    Case(body: #"{"instances":[1,2,3]}"#, message: "input 'x': expected shape [N,3], got [3]"),
    Case(
      body: #"{"instances":[[[1,2,3]]]}"#,
      message: "input 'x': expected shape [N,3], got [1,1,3]"
    ),
    Case(
      body: #"{"instances":[[1,2,3],[1,2]]}"#,
      message:
        "arrays of unequal length: instances[1] has 2 elements, instances[0] has 3 at line 1, column 27"
    ),
    Case(
      body: #"{"instances":[[1,2,"3"]]}"#,
      message: #"instances[0][2]: expected a number, found '\"' at line 1, column 20 (byte 19)"#
    ),
    Case(body: #"{"instances":[["a"]]}"#, message: "expected a number"),
    Case(body: #"{"instances":[[1,2,nan]]}"#, message: "expected a number, found 'n'"),
    Case(
      body: #"{"instances":[{"x":[1,2,3]},[1,2,3]]}"#,
      message: "expected '{' at instances[1], as the first row is an object"
    ),
    Case(
      body: #"{"instances":[{"y":[1,2,3]}]}"#,
      message: "instances[0] has the key 'y', expected 'x'"
    ),
    Case(
      body: #"{"instances":[{"x":[1,2,3],"x":[1,2,3]}]}"#,
      message: "instances[0] has the key 'x' twice"
    ),
    Case(body: #"{"instances":[{}]}"#, message: "instances[0] is empty, expected the keys 'x'"),
    Case(
      body: #"{"instances":[{"x":[1,2,3]},{"x":[1,2]}]}"#,
      message: "instances[1].x has shape [2], the same of the first row has [3]"
    ),
    Case(
      body: #"{"instances":[{"b64":"TWFu"}]}"#,
      message: "instances[0] is an image, expected the keys 'x'"
    ),
    Case(
      body: #"{"instances":[[1,2,3],[1,2,3],[1,2,3],[1,2,3],[1,2,3]]}"#,
      message: "the request has 5 rows, at most 4 are accepted",
      status: 413
    ),
  ]

  @Test(arguments: bodies) func body(of bad: Case) throws {
    var limits = ServiceLimits()
    limits.rowsPerRequest = 4
    let server = try ServiceServer(limits: limits)
    let client = server.client()
    let response = try client.send("POST", "/v1/models/plain:predict", body: Array(bad.body.utf8))
    #expect(response.status == bad.status)
    #expect(response.text.hasPrefix(#"{"error":""#))
    #expect(response.text.contains(bad.message), "\(response.text)")
    // The connection and the request object serve the next request.
    let good = try client.send(
      "POST",
      "/v1/models/plain:predict",
      body: Array(#"{"instances":[[1,2,3]]}"#.utf8)
    )
    #expect(good.text == #"{"predictions":[[14.0,20.0]]}"#)
  }

  @Test func keysThatSeveralInputsNeed() throws {
    let server = try ServiceServer(["two.onnx": "two"])
    func message(_ body: String) throws -> String {
      let response = try server.post("/v1/models/two:predict", body)
      #expect(response.status == 400)
      return response.text
    }
    #expect(try message(#"{"instances":[{"a":[1,2]}]}"#).contains("instances[0] lacks the key 'b'"))
    #expect(
      try message(#"{"instances":[[1,2]]}"#).contains("must be an object with the keys 'a', 'b'")
    )
    #expect(
      try message(#"{"inputs":[[1,2]]}"#).contains(
        "'inputs' must be an object with the keys 'a', 'b'"
      )
    )
    #expect(
      try message(#"{"inputs":{"a":[[1,2]],"b":[1,2]}}"#).contains(
        "input 'b' has 2 rows, 'a' has 1"
      )
    )
    #expect(
      try message(#"{"inputs":{"a":[[1,2]],"b":[1.5]}}"#).contains(
        "inputs.b[0]: expected a whole number for Int64"
      )
    )
  }

  @Test func unknownModels() throws {
    let server = try ServiceServer(["m/3/model.onnx": "plain", "m/aliases.json": #"{"stable":3}"#])
    func ask(_ path: String) throws -> ClientResponse { try server.post(path, "{}") }
    let model = try ask("/v1/models/other:predict")
    #expect(model.status == 404)
    #expect(
      model.text
        == #"{"error":"Servable not found for request: Latest(other); the models are 'm'"}"#
    )
    let version = try ask("/v1/models/m/versions/7:predict")
    #expect(version.status == 404)
    #expect(
      version.text == #"{"error":"Servable not found for request: Specific(m, 7); versions are 3"}"#
    )
    let text = try ask("/v1/models/m/versions/x1:predict")
    #expect(text.status == 400)
    #expect(text.text.contains("version 'x1' is not a number"))
    let label = try ask("/v1/models/m/labels/canary:predict")
    #expect(label.status == 404)
    #expect(
      label.text.contains("Unrecognized servable version label: canary; model 'm' has 'stable'")
    )
    for path in [
      "/v1/models/m%2f..:predict", "/v1/models/..%2fm:predict", "/v1/models/%00:predict",
    ] {
      let status = try ask(path).status
      #expect(status == 400 || status == 404, "\(path)")
    }
  }

  @Test func contentTypes() throws {
    let server = try ServiceServer()
    let body = #"{"instances":[[1,2,3]]}"#
    for type in [
      "application/json", "application/json; charset=utf-8", "APPLICATION/JSON",
      "application/x-www-form-urlencoded", "text/plain",
    ] {
      #expect(
        try server.post("/v1/models/plain:predict", body, headers: [("Content-Type", type)]).status
          == 200,
        "\(type)"
      )
    }
    let other = try server.post(
      "/v1/models/plain:predict",
      body,
      headers: [("Content-Type", "image/webp")]
    )
    #expect(other.status == 415)
    #expect(other["accept"] == "application/json, application/x-npy, image/png, image/jpeg")
    #expect(other.text.contains("content type 'image/webp' is not supported"))
    let coded = try server.post(
      "/v1/models/plain:predict",
      body,
      headers: [("Content-Encoding", "gzip")]
    )
    #expect(coded.status == 415)
    let array = try server.post(
      "/v1/models/plain:predict",
      body,
      headers: [("Content-Type", "application/x-npy")]
    )
    #expect(array.status == 400)
  }

  @Test func pathsAndMethods() throws {
    let server = try ServiceServer()
    let client = server.client()
    let nowhere = try client.send("GET", "/v3")
    #expect(nowhere.status == 404)
    #expect(nowhere.text.contains("Malformed request: GET /v3"))
    let get = try client.send("GET", "/v1/models/plain:predict")
    #expect(get.status == 405)
    #expect(get["allow"] == "POST, OPTIONS")
    let options = try client.send("OPTIONS", "/v1/models/plain")
    #expect(options.status == 204)
    #expect(options["allow"] == "GET, HEAD, OPTIONS")
    let head = try client.send("HEAD", "/v1/models/plain")
    #expect(head.status == 200)
    #expect(head.body.isEmpty)
    #expect(try client.send("POST", "/v1/models/plain:explain", body: []).status == 404)
  }

  @Test func deadlines() throws {
    let server = try ServiceServer(["slow.onnx": "slow"])
    let body = #"{"instances":[[1,2,3]]}"#
    for bad in ["0", "-1", "x", "1.5", "999999999999"] {
      let response = try server.post(
        "/v1/models/slow:predict",
        body,
        headers: [("X-Request-Timeout-Ms", bad)]
      )
      #expect(response.status == 400, "\(bad)")
    }
    #expect(
      try server.post("/v1/models/slow:predict", body, headers: [("X-Request-Timeout-Ms", "60000")])
        .status == 200
    )
  }
}
