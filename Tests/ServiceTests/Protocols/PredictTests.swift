import HTTP
import Tensors
import Testing

@testable import Service

/// Every form of `:predict` that TensorFlow Serving knows, and our own body types.
@Suite struct PredictTests {
  @Test func rowsAnswerRows() throws {
    let server = try ServiceServer()
    let response = try server.post("/v1/models/plain:predict", #"{"instances": [[1,2,3],[4,5,6]]}"#)
    #expect(response.status == 200)
    #expect(response["content-type"] == "application/json")
    #expect(response.text == #"{"predictions":[[14.0,20.0],[32.0,47.0]]}"#)
  }

  @Test func modelsOfSeveralLabelsAnswerThoseThatApply() throws {
    let server = try ServiceServer(["tags.onnx": "tags"])
    let rows = "[[1,2,3],[-4,1,1],[-1,-1,-1]]"
    let path = "/v1/models/tags"
    #expect(
      try server.post("\(path):predict", "{\"instances\":\(rows)}").text
        == #"{"predictions":[{"logits":[14.0,20.0],"labels":["warm","dark"]},{"logits":[1.0,-1.0],"labels":["warm"]},{"logits":[-6.0,-9.0],"labels":[]}]}"#
    )
    #expect(
      try server.post("\(path):predict", "{\"inputs\":\(rows)}").text
        == #"{"outputs":{"logits":[[14.0,20.0],[1.0,-1.0],[-6.0,-9.0]],"labels":[["warm","dark"],["warm"],[]]}}"#
    )
    // Probabilities of their own: they need not add up to 1.
    let scores = try server.post("\(path):classify", #"{"examples":[{"x":[0,0,0]}]}"#)
    #expect(scores.text == #"{"results":[[["warm",0.5],["dark",0.5]]]}"#)
    let high = try server.post("\(path):classify", #"{"examples":[{"x":[100,0,0]}]}"#)
    #expect(high.text == #"{"results":[[["warm",1.0],["dark",1.0]]]}"#)
  }

  @Test func columnsAnswerColumns() throws {
    let server = try ServiceServer()
    for body in [
      #"{"inputs": [[1,2,3]]}"#, #"{"inputs": {"x": [[1,2,3]], "extra": {"ignored": [null]}}}"#,
    ] {
      let response = try server.post("/v1/models/plain:predict", body)
      #expect(response.text == #"{"outputs":[[14.0,20.0]]}"#, "\(body)")
    }
  }

  @Test func namedRowsOfOneInput() throws {
    let server = try ServiceServer()
    let response = try server.post(
      "/v1/models/plain:predict",
      #"{"instances": [{"x": [1,2,3]}, {"x": [0,0,0]}]}"#
    )
    #expect(response.text == #"{"predictions":[[14.0,20.0],[0.0,0.0]]}"#)
  }

  @Test func severalInputs() throws {
    let server = try ServiceServer(["two.onnx": "two"])
    let rows = try server.post(
      "/v1/models/two:predict",
      #"{"instances": [{"b": 7, "a": [1,2]}, {"a": [3,4], "b": 8}]}"#
    )
    #expect(rows.text == #"{"predictions":[[5.0,8.0],[11.0,18.0]]}"#)
    let columns = try server.post(
      "/v1/models/two:predict",
      #"{"inputs": {"a": [[1,2],[3,4]], "b": [7,8]}}"#
    )
    #expect(columns.text == #"{"outputs":[[5.0,8.0],[11.0,18.0]]}"#)
  }

  @Test func classifiersAnswerLabelAndScore() throws {
    let server = try ServiceServer(["digits.onnx": "classifier"])
    let rows = try server.post("/v1/models/digits:predict", #"{"instances": [[1,0,0]]}"#)
    #expect(
      rows.text
        == #"{"predictions":[{"logits":[1.0,2.0],"probabilities":[0.75,0.25],"label":"seven","score":0.75}]}"#
    )
    let columns = try server.post("/v1/models/digits:predict", #"{"inputs": [[1,0,0],[2,0,0]]}"#)
    #expect(
      columns.text
        == #"{"outputs":{"logits":[[1.0,2.0],[2.0,4.0]],"probabilities":[[0.75,0.25],[0.75,0.25]],"label":["seven","seven"],"score":[0.75,0.75]}}"#
    )
  }

  @Test func signatureNames() throws {
    let server = try ServiceServer()
    for name in ["serving_default", ""] {
      let response = try server.post(
        "/v1/models/plain:predict",
        #"{"signature_name": "\#(name)", "instances": [[1,2,3]]}"#
      )
      #expect(response.status == 200)
    }
    let unknown = try server.post(
      "/v1/models/plain:predict",
      #"{"instances": [[1,2,3]], "signature_name": "train"}"#
    )
    #expect(unknown.status == 400)
    #expect(
      unknown.text == #"{"error":"signature 'train' not found: the model has 'serving_default'"}"#
    )
    let number = try server.post(
      "/v1/models/plain:predict",
      #"{"signature_name": 7, "instances": [[1,2,3]]}"#
    )
    #expect(number.text.contains("'signature_name' must be a string, found '7'"))
  }

  @Test func specialNumbersPassThrough() throws {
    let server = try ServiceServer()
    let response = try server.post(
      "/v1/models/plain:predict",
      #"{"instances": [[Infinity,0,0],[NaN,0,0],[-Infinity,0,0]]}"#
    )
    #expect(response.text == #"{"predictions":[[NaN,NaN],[NaN,NaN],[NaN,NaN]]}"#)
  }

  @Test func arraysInNumPyFormat() throws {
    let server = try ServiceServer()
    let client = server.client()
    let batch = try NPY.write(Tensor([1, 2, 3, 4, 5, 6] as [Float], [2, 3]))
    let typed = try client.send(
      "POST",
      "/v1/models/plain:predict",
      headers: [("Content-Type", "application/x-npy")],
      body: batch
    )
    #expect(typed.text == #"{"predictions":[[14.0,20.0],[32.0,47.0]]}"#)
    let row = try NPY.write(Tensor([1, 2, 3] as [Double], [3]))
    let sniffed = try client.send("POST", "/v1/models/plain:predict", body: row)
    #expect(sniffed.text == #"{"predictions":[[14.0,20.0]]}"#)
    let wrong = try client.send(
      "POST",
      "/v1/models/plain:predict",
      body: NPY.write(Tensor([1] as [Int64], [1, 1]))
    )
    #expect(wrong.status == 400)
    #expect(wrong.text.contains("input 'x': expected float32[N,3], got int64[1,1]"))
    let cut = try client.send("POST", "/v1/models/plain:predict", body: Array(batch.dropLast(3)))
    #expect(cut.status == 400)
    #expect(cut.text.contains("npy"))
  }

  @Test func images() throws {
    let server = try ServiceServer(["image.onnx": "image", "plain.onnx": "plain"])
    let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let raw = try server.client().send("POST", "/v1/models/image:predict", body: png)
    #expect(raw.text.contains(#""logits":[29.0,40.0]"#), "\(raw.text)")
    let b64 = #"{"b64":"iVBORw0KGgo="}"#
    for body in [
      #"{"instances":[\#(b64)]}"#, #"{"instances":[{"x":\#(b64)}]}"#, #"{"inputs":\#(b64)}"#,
      #"{"inputs":[\#(b64)]}"#,
      #"{"inputs":{"x":[\#(b64)]}}"#,
    ] {
      let response = try server.post("/v1/models/image:predict", body)
      #expect(response.text.contains("[29.0,40.0]"), "\(body): \(response.text)")
    }
    let many = try server.post(
      "/v1/models/image:predict",
      #"{"instances":[\#(b64),\#(b64),\#(b64)]}"#
    )
    #expect(many.text.split(separator: "label").count == 4)
    let numbers = try server.client().send("POST", "/v1/models/plain:predict", body: png)
    #expect(numbers.status == 400)
    #expect(numbers.text.contains("the body is an image, but the model takes numbers"))
    let damaged = try server.post("/v1/models/image:predict", #"{"instances":[{"b64":"!!"}]}"#)
    #expect(
      damaged.text.contains(#"the value of \"b64\" is not base64 at line 1, column 22"#),
      "\(damaged.text)"
    )
  }

  /// Bodies above `inlineBodyBytes` are read on another thread, with the same answer.
  @Test func largeBodies() throws {
    var limits = ServiceLimits()
    limits.inlineBodyBytes = 100
    limits.rowsPerBatch = 16
    let server = try ServiceServer(limits: limits)
    let rows = (0..<100).map { "[\($0),1,2]" }.joined(separator: ",")
    let response = try server.post("/v1/models/plain:predict", #"{"instances":[\#(rows)]}"#)
    let expected = (0..<100).map { row in
      let y = ServiceServer.plain([Float(row), 1, 2])
      return "[\(y[0]),\(y[1])]"
    }.joined(separator: ",")
    #expect(response.text == #"{"predictions":[\#(expected)]}"#)
    let bad = try server.post("/v1/models/plain:predict", #"{"instances":[\#(rows),[1]]}"#)
    #expect(bad.status == 400)
    #expect(bad.text.contains("instances[100] has 1 elements"))
  }

  @Test func fixedAndUnbatchedModels() throws {
    let server = try ServiceServer(["pairs.onnx": "pairs", "free.onnx": "unbatched"])
    let four = try server.post(
      "/v1/models/pairs:predict",
      #"{"instances":[[1,2,3],[4,5,6],[1,2,3],[4,5,6]]}"#
    )
    #expect(four.text == #"{"predictions":[[14.0,20.0],[32.0,47.0],[14.0,20.0],[32.0,47.0]]}"#)
    let three = try server.post(
      "/v1/models/pairs:predict",
      #"{"instances":[[1,2,3],[4,5,6],[1,2,3]]}"#
    )
    #expect(three.status == 400)
    #expect(three.text.contains("takes 2 rows at a time, expected a multiple of that, got 3"))
    let columns = try server.post("/v1/models/free:predict", #"{"inputs":[[1,2,3]]}"#)
    #expect(columns.text == #"{"outputs":[[14.0,20.0]]}"#)
    let rows = try server.post("/v1/models/free:predict", #"{"instances":[[1,2,3]]}"#)
    #expect(rows.status == 400)
    #expect(rows.text.contains("does not count rows"))
  }

  @Test func versionsAndLabels() throws {
    let server = try ServiceServer([
      "m/1/model.onnx": "plain 1", "m/2/model.onnx": "plain 2",
      "m/aliases.json": #"{"stable": 1, "next": 2}"#,
      "free/1/model.onnx": "plain 1", "free/2/model.onnx": "plain 2",
      "free/aliases.json": #"{"next": 1}"#,
    ])
    let body = #"{"instances":[[1,0,0]]}"#
    // The alias `stable` where there is one, else the newest.
    #expect(try server.post("/v1/models/m:predict", body).text == #"{"predictions":[[1.0,2.0]]}"#)
    let newest = try server.post("/v1/models/free:predict", body)
    #expect(newest.text == #"{"predictions":[[2.0,4.0]]}"#)
    #expect(newest.headers.contains { $0.0 == "X-Martlet-Version" && $0.1 == "2" })
    #expect(
      try server.post("/v1/models/m/versions/1:predict", body).text
        == #"{"predictions":[[1.0,2.0]]}"#
    )
    #expect(
      try server.post("/v1/models/m/versions/2:predict", body).text
        == #"{"predictions":[[2.0,4.0]]}"#
    )
    #expect(
      try server.post("/v1/models/m/labels/stable:predict", body).text
        == #"{"predictions":[[1.0,2.0]]}"#
    )
    #expect(
      try server.post("/v1/models/m/labels/next:predict", body).text
        == #"{"predictions":[[2.0,4.0]]}"#
    )
  }

  @Test func classify() throws {
    let server = try ServiceServer(["digits.onnx": "classifier", "plain.onnx": "plain"])
    let response = try server.post(
      "/v1/models/digits:classify",
      #"{"examples":[{"x":[1,0,0]},{"x":[[2],[0],[0]]}]}"#
    )
    #expect(
      response.text
        == #"{"results":[[["seven",0.75],["\"eight\"",0.25]],[["seven",0.75],["\"eight\"",0.25]]]}"#
    )
    let plain = try server.post("/v1/models/plain:classify", #"{"examples":[{"x":[1,0,0]}]}"#)
    #expect(plain.status == 400)
    #expect(plain.text.contains("model 'plain' is no classifier"))
  }

  @Test func regress() throws {
    let server = try ServiceServer(["price.onnx": "regressor", "digits.onnx": "classifier"])
    let response = try server.post(
      "/v1/models/price:regress",
      #"{"examples":[{"x":[1,2,3]},{"x":[0,0,1]}]}"#
    )
    #expect(response.text == #"{"results":[14.0,3.0]}"#)
    let wrong = try server.post("/v1/models/digits:regress", #"{"examples":[{"x":[1,2,3]}]}"#)
    #expect(wrong.status == 400)
  }

  @Test(arguments: [
    (#"{"examples":[]}"#, "'examples' is empty"),
    (#"{"examples":{}}"#, "'examples' must be a list"),
    (#"{"examples":[[1]]}"#, "examples[0] must be an object of features, found '['"),
    (#"{"examples":[{"y":[1,2,3]}]}"#, "examples[0] lacks the feature 'x'; examples[0] has 'y'"),
    (#"{"examples":[{"x":[1,2]}]}"#, "examples[0].x: expected 3 values for shape [N,3], got 2"),
    (#"{"instances":[[1,2,3]]}"#, "Missing 'examples' key"),
    (#"{"context":{},"examples":[]}"#, "'context' is not supported"),
  ])
  func badExamples(body: String, message: String) throws {
    let server = try ServiceServer(["digits.onnx": "classifier"])
    let response = try server.post("/v1/models/digits:classify", body)
    #expect(response.status == 400)
    #expect(response.text.contains(message), "\(response.text)")
  }
}
