import HTTP
import Testing

@testable import Service

/// What `GET` answers.
@Suite struct DocumentTests {
  @Test func statusAndMetadata() throws {
    let server = try ServiceServer([
      "m/1/model.onnx": "plain", "m/2/model.onnx": "damaged", "m/aliases.json": #"{"stable":1}"#,
    ])
    let good =
      #"{"version":"1","state":"AVAILABLE","status":{"error_code":"OK","error_message":""}}"#
    let bad =
      #"{"version":"2","state":"END","status":{"error_code":"INVALID_ARGUMENT","error_message":"m/2/model.onnx is damaged at byte 7"}}"#
    #expect(try server.get("/v1/models/m").text == #"{"model_version_status":[\#(bad),\#(good)]}"#)
    #expect(
      try server.get("/v1/models/m/versions/2").text == #"{"model_version_status":[\#(bad)]}"#
    )
    #expect(
      try server.get("/v1/models/m/labels/stable").text == #"{"model_version_status":[\#(good)]}"#
    )
    #expect(try server.get("/v1/models/m/versions/9").status == 404)
    #expect(try server.get("/v1/models/x").status == 404)
    #expect(
      try server.get("/v1/models").text
        == #"{"models":[{"name":"m","model_version_status":[\#(bad),\#(good)],"labels":{"stable":1}}]}"#
    )
    let metadata = try server.get("/v1/models/m/metadata")
    #expect(
      metadata.text
        == #"{"model_spec":{"name":"m","signature_name":"","version":"1"},"metadata":{"signature_def":{"signature_def":{"serving_default":{"inputs":{"x":{"dtype":"DT_FLOAT","tensor_shape":{"dim":[{"size":"-1","name":""},{"size":"3","name":""}],"unknown_rank":false},"name":"x"}},"outputs":{"y":{"dtype":"DT_FLOAT","tensor_shape":{"dim":[{"size":"-1","name":""},{"size":"2","name":""}],"unknown_rank":false},"name":"y"}},"method_name":"tensorflow/serving/predict"}}}}}"#
    )
    #expect(try JSONValueReader.read(metadata.body.withUnsafeBytes { $0 }) != .null)
    #expect(try server.get("/v1/models/m/versions/2/metadata").status == 503)
    // The damaged version is newer; the older one answers.
    #expect(try server.post("/v1/models/m:predict", #"{"instances":[[1,2,3]]}"#).status == 200)
    let direct = try server.post("/v1/models/m/versions/2:predict", #"{"instances":[[1,2,3]]}"#)
    #expect(direct.status == 503)
    #expect(direct.text.contains("could not be loaded: m/2/model.onnx is damaged at byte 7"))
  }

  @Test func liveAndReady() throws {
    let server = try ServiceServer(["m.onnx": "damaged", "plain.onnx": "plain"])
    #expect(try server.get("/healthz").text == "ok\n")
    let unready = try server.get("/readyz")
    #expect(unready.status == 503)
    #expect(unready.text == "model 'm' has no version that answers\n")
    try server.folder.write("m.onnx", "plain")
    server.repository.refresh()
    server.repository.refresh()
    #expect(try server.get("/readyz").status == 200)
    server.service.beginDraining()
    let draining = try server.get("/readyz")
    #expect(draining.status == 503)
    #expect(draining.text == "the server is shutting down\n")
    #expect(try server.get("/healthz").status == 200)
  }

  @Test func pages() throws {
    let server = try ServiceServer()
    let yaml = try server.get("/openapi.yaml")
    #expect(yaml["content-type"] == "application/yaml")
    #expect(yaml.text.hasPrefix("openapi: 3.1"))
    let index = try server.client().send("GET", "/", headers: [])
    #expect(index["content-type"] == "text/html; charset=utf-8")
    #expect(index.text.contains("x float32[N,3]"))
    #expect(
      index.text.contains("/v1/models/plain:predict -d '{&quot;instances&quot;: [[0, 0, 0]]}'")
    )
  }

  @Test func theIndexShowsHowToAskModelsOfSequences() throws {
    let text = try SequenceServer.make().get("/").text
    #expect(
      text.contains(
        "/v1/models/german:sequence -d '{&quot;instances&quot;: [&quot;some text&quot;], &quot;stream&quot;: true}'"
      )
    )
    #expect(text.contains("/v1/models/eyes:caption -d '"))
  }
}
