import HTTP
import Testing

@testable import Service

@Suite struct MetricsEndpointTests {
  func page(_ server: ServiceServer) throws -> PrometheusPage {
    let response = try server.get("/metrics")
    #expect(response.status == 200)
    #expect(response["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
    return try PrometheusPage(response.text)
  }

  @Test func answersAreCountedByRouteAndClass() throws {
    let server = try ServiceServer()
    for _ in 0..<3 { _ = try server.get("/healthz") }
    _ = try server.get("/nowhere")
    _ = try server.post("/healthz", "")
    _ = try server.post("/v1/models/plain:predict", "{}")
    _ = try server.post("/v1/models/other:predict", #"{"instances": [[1,2,3]]}"#)
    _ = try server.post("/v1/models/plain:predict", #"{"instances": [[1,2,3]]}"#)
    _ = try server.client().send("GET", "/admin/v1/files")
    let page = try page(server)
    func count(_ method: String, _ route: String, _ status: String) -> Double? {
      page["martlet_http_requests_total", ["method": method, "route": route, "status": status]]
    }
    #expect(count("GET", "/healthz", "2xx") == 3)
    #expect(count("POST", "/v1/models/{model}:predict", "4xx") == 2)
    #expect(count("POST", "/v1/models/{model}:predict", "2xx") == 1)
    #expect(count("other", "other", "4xx") == 3)
    // This answer is counted when it is written.
    #expect(count("GET", "/metrics", "2xx") == nil)
    #expect(
      try self.page(server)[
        "martlet_http_requests_total",
        ["method": "GET", "route": "/metrics", "status": "2xx"]
      ] == 1
    )
  }

  @Test func requestsThatCannotBeReadAreCounted() throws {
    let server = try ServiceServer()
    _ = try server.client().send("GET", "/healthz", headers: [("Content-Length", "x")])
    let labels = ["method": "other", "route": "other", "status": "4xx"]
    #expect(try page(server)["martlet_http_requests_total", labels] == 1)
  }

  @Test func predictionsAreTimedAndCounted() throws {
    let server = try ServiceServer(["plain.onnx": "plain", "slow.onnx": "slow"])
    let model = ["model": "plain"]
    for _ in 0..<4 {
      _ = try server.post("/v1/models/plain:predict", #"{"instances": [[1,2,3],[4,5,6]]}"#)
    }
    _ = try server.post("/v1/models/plain:predict", #"{"instances": [[1,2]]}"#)
    _ = try server.post("/v1/models/slow:predict", #"{"instances": [[1,2,3]]}"#)
    let page = try page(server)
    let times = page.buckets("martlet_prediction_duration_seconds", model)
    #expect(times.count == 19)
    #expect(times.first?.bound == 0.00001)
    #expect(zip(times, times.dropFirst()).allSatisfy { $0.count <= $1.count })
    #expect(times.last?.count == 4)
    #expect(page["martlet_prediction_duration_seconds_count", model] == 4)
    #expect(page["martlet_prediction_rows_total", model] == 8)
    #expect(page["martlet_prediction_batch_rows_sum", model] == 8)
    #expect(page["martlet_prediction_queue_requests", model] == 0)
    #expect(page["martlet_model_versions_loaded", model] == 1)
    // The slow model takes 50 ms.
    let sum = try #require(page["martlet_prediction_duration_seconds_sum", ["model": "slow"]])
    #expect(sum >= 0.05)
  }

  @Test func onlyModelsOfTheRepositoryAreShown() throws {
    let server = try ServiceServer(["a.onnx": "plain", "b.onnx": "plain"])
    _ = try server.post("/v1/models/made-up:predict", #"{"instances": [[1,2,3]]}"#)
    server.folder.remove("b.onnx")
    server.repository.refresh()
    let names = try page(server).samples.keys.compactMap { $0.labels["model"] }
    #expect(Set(names) == ["a"])
  }

  @Test func countersSurviveANewVersion() throws {
    let server = try ServiceServer(["m/1/model.onnx": "plain"])
    let ask = { try server.post("/v1/models/m:predict", #"{"instances": [[1,2,3]]}"#) }
    _ = try ask()
    try server.folder.write("m/2/model.onnx", "plain 2")
    server.repository.refresh()
    server.repository.refresh()
    _ = try ask()
    let page = try page(server)
    #expect(page["martlet_prediction_rows_total", ["model": "m"]] == 2)
    #expect(page["martlet_model_versions_loaded", ["model": "m"]] == 2)
  }

  @Test func theProcessIsThere() throws {
    let server = try ServiceServer()
    let page = try page(server)
    #expect(try #require(page["process_resident_memory_bytes", [:]]) > 1_000_000)
    #expect(try #require(page["process_cpu_seconds_total", [:]]) > 0)
    #expect(page.kinds["process_cpu_seconds_total"] == "counter")
  }

  @Test func trainingAndConnectionsAreShownOnceConnected() throws {
    let server = try ServiceServer()
    #expect(try page(server).kinds["martlet_training_yields_total"] == nil)
    let load = ServingLoad()
    let gate = TrainingGate(load)
    load.batchBegins()
    gate.pace().pass()
    var sources = MetricSources()
    sources.trainingGate = gate
    sources.openConnections = { 7 }
    sources.jobsByStatus = { [("running", 1), ("succeeded", 3)] }
    server.service.metrics.connect(sources)
    let page = try page(server)
    #expect(page["martlet_training_yields_total", [:]] == 1)
    #expect(try #require(page["martlet_training_yield_seconds_total", [:]]) > 0)
    #expect(page["martlet_http_connections_open", [:]] == 7)
    #expect(page["martlet_fine_tuning_jobs", ["status": "succeeded"]] == 3)
  }

  @Test func feedbackIsShownByVersionAndWindow() throws {
    let server = try ServiceServer(["digits.onnx": "classifier"])
    let feedback = try #require(server.feedback.feedback(of: "digits"))
    let ids = [PredictionID(), PredictionID(), PredictionID()]
    feedback.recent.insert(
      ids.map { ($0, FeedbackFixtures.entry(version: 4, predicted: .label("a"))) }
    )
    for (id, label) in zip(ids, ["a", "b"]) {
      let body = #"{"id": "\#(id)", "label": "\#(label)"}"#
      #expect(try server.post("/v1/models/digits:feedback", body).status == 200)
    }
    // Behind this on the model's queue: what was told is published.
    _ = try feedback.newest(1)
    let page = try page(server)
    let model = ["model": "digits"]
    #expect(page["martlet_feedback_total", model] == 2)
    #expect(page["martlet_feedback_rows", model] == 2)
    #expect(page["martlet_feedback_waiting_rows", model] == 1)
    let score = ["model": "digits", "version": "4"]
    for window in ["total", "last_100", "last_1000"] {
      #expect(
        page["martlet_feedback_accuracy_ratio", score.merging(["window": window]) { $1 }] == 0.5
      )
    }
  }
}
