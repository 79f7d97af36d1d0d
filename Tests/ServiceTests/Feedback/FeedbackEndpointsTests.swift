import Datasets
import HTTP
import Storage
import Tensors
import Testing

@testable import Service

/// Predictions with ids, and telling what was true of them, over HTTP.
@Suite struct FeedbackEndpointsTests {
  static let digits = ["digits.onnx": "classifier"]

  func json(_ response: ClientResponse) throws -> JSONValue {
    try response.body.withUnsafeBytes { try JSONValueReader.read($0) }
  }

  func ids(_ response: ClientResponse) throws -> [String] {
    guard case .array(let elements)? = try json(response)["ids"] else { return [] }
    return elements.compactMap { if case .string(let id) = $0 { id } else { nil } }
  }

  /// Predicts rows and answers their ids.
  func predict(_ server: ServiceServer, _ model: String, rows: Int = 1) throws -> [String] {
    let instances = (0..<rows).map { "[\($0),2,3]" }.joined(separator: ",")
    let response = try server.post(
      "/v1/models/\(model):predict",
      "{\"instances\": [\(instances)], \"return_ids\": true}"
    )
    try #require(response.status == 200, "\(response.text)")
    return try ids(response)
  }

  func tell(_ server: ServiceServer, _ model: String, _ body: String) throws -> ClientResponse {
    try server.post("/v1/models/\(model):feedback", body)
  }

  // MARK: - Ids

  @Test func onlyThoseWhoAskGetIDs() throws {
    let server = try ServiceServer()
    let path = "/v1/models/plain:predict"
    let plain = #"{"predictions":[[14.0,20.0],[32.0,47.0]]}"#
    for asks in ["", #", "return_ids": false"#] {
      let response = try server.post(path, "{\"instances\": [[1,2,3],[4,5,6]]\(asks)}")
      #expect(response.text == plain)
    }
    let response = try server.post(path, #"{"return_ids":true,"instances":[[1,2,3],[4,5,6]]}"#)
    let ids = try ids(response)
    #expect(ids.count == 2)
    #expect(ids.allSatisfy { PredictionID($0) != nil })
    #expect(
      response.text
        == plain.dropLast() + #","ids":["\#(ids[0])","\#(ids[1])"]}"#
    )
    #expect(response["x-martlet-version"] != nil)
    #expect(server.feedback.feedback(of: "plain")?.recent.count == 2)
  }

  @Test func columnsGetIDsToo() throws {
    let server = try ServiceServer()
    let response = try server.post(
      "/v1/models/plain:predict",
      #"{"inputs": [[1,2,3]], "return_ids": true}"#
    )
    let ids = try ids(response)
    #expect(response.text == #"{"outputs":[[14.0,20.0]],"ids":["\#(ids[0])"]}"#)
  }

  @Test func arraysAskByHeader() throws {
    let server = try ServiceServer()
    let body = try NPY.write(Tensor([1, 2, 3, 4, 5, 6] as [Float], [2, 3]))
    func send(_ word: String) throws -> ClientResponse {
      try server.client().send(
        "POST",
        "/v1/models/plain:predict",
        headers: [("X-Martlet-Return-Ids", word)],
        body: body
      )
    }
    #expect(try ids(send("true")).count == 2)
    #expect(try ids(send("false")).isEmpty)
    let other = try send("yes")
    #expect(other.status == 400)
    #expect(other.text == #"{"error":"X-Martlet-Return-Ids must be true or false"}"#)
  }

  @Test func requestsLargerThanABatchGetAnIDForEachRow() throws {
    let server = try ServiceServer()
    let ids = try predict(server, "plain", rows: 150)
    #expect(Set(ids).count == 150)
    _ = try tell(server, "plain", #"{"id": "\#(ids[149])", "label": 0}"#)
    let row = try #require(try server.feedback.feedback(of: "plain")?.newest(1).first)
    #expect(row.row == FeedbackFixtures.bytes([149, 2, 3]))
  }

  @Test func modelsWhoseRowsCannotBeKeptSayWhy() throws {
    let server = try ServiceServer(["two.onnx": "two", "un.onnx": "unbatched"])
    let two = try server.post(
      "/v1/models/two:predict",
      #"{"instances": [{"a": [1,2], "b": 7}], "return_ids": true}"#
    )
    #expect(two.status == 400)
    #expect(
      two.text
        == #"{"error":"no ids for this model: the model has 2 inputs; one with a single input can be trained"}"#
    )
    let unbatched = try server.post(
      "/v1/models/un:predict",
      #"{"inputs": [[1,2,3]], "return_ids": true}"#
    )
    #expect(unbatched.status == 400)
    let word = try server.post(
      "/v1/models/two:predict",
      #"{"return_ids": 1, "instances": [{"a": [1,2], "b": 7}]}"#
    )
    #expect(word.status == 400)
    #expect(word.text.contains("'return_ids' must be true or false, found '1'"))
  }

  @Test func rowsThatAreTooLargeAreRefused() throws {
    let server = try ServiceServer { $0.feedbackRowBytes = 8 }
    let response = try server.post(
      "/v1/models/plain:predict",
      #"{"instances": [[1,2,3]], "return_ids": true}"#
    )
    #expect(response.status == 400)
    #expect(response.text.contains("a row has 12 bytes, at most 8 are kept"))
  }

  @Test func withoutAFolderThereIsNoFeedback() throws {
    let server = try ServiceServer(keepsFiles: false)
    let asked = try server.post(
      "/v1/models/plain:predict",
      #"{"instances": [[1,2,3]], "return_ids": true}"#
    )
    #expect(asked.status == 503)
    #expect(try tell(server, "plain", #"{"id": "x", "label": 1}"#).status == 503)
    #expect(try server.get("/v1/models/plain/feedback").status == 503)
    #expect(
      try server.post("/v1/models/plain:predict", #"{"instances": [[1,2,3]]}"#).status == 200
    )
  }

  // MARK: - Telling

  @Test func toldRowsAreDurable() throws {
    let server = try ServiceServer(Self.digits)
    let ids = try predict(server, "digits", rows: 3)
    let response = try tell(
      server,
      "digits",
      #"{"feedback": [{"id": "\#(ids[0])", "label": "seven"}, {"id": "\#(ids[2])", "label": 1}]}"#
    )
    #expect(response.status == 200)
    #expect(response.text == #"{"accepted":2,"unknown":[]}"#)
    // As after kill -9: another process reads the folder of one that wrote nothing since.
    let store = try FeedbackStore(folder: server.folder.path + "/.martlet/feedback")
    let rows = try #require(try store.feedback(of: "digits")?.newest(10))
    #expect(rows.map(\.id) == [ids[0], ids[2]])
    #expect(rows.map(\.truth) == [.label("seven"), .label("\"eight\"")])
    #expect(rows.map(\.predicted) == [.label("seven"), .label("seven")])
    #expect(rows[1].row == FeedbackFixtures.bytes([2, 2, 3]))
    let schema = try ExampleSchema(nil, FakeModel.classifier)
    let set = try store.examples(of: "digits", newest: 100, schema)
    #expect(set.dataset.labels.elements(of: Int64.self) == [0, 1])
    #expect(set.dataset.features.elements(of: Float.self) == [0, 2, 3, 2, 2, 3])
  }

  @Test func anIDWorksOnce() throws {
    let server = try ServiceServer()
    let id = try predict(server, "plain")[0]
    let body = #"{"id": "\#(id)", "label": "1"}"#
    #expect(try tell(server, "plain", body).status == 200)
    let again = try tell(server, "plain", body)
    #expect(again.status == 404)
    #expect(
      again.text
        == #"{"error":"none of the ids is known: they are told already, too old or wrong","accepted":0,"unknown":["\#(id)"]}"#
    )
  }

  @Test func unknownIDsAreReported() throws {
    let server = try ServiceServer()
    let id = try predict(server, "plain")[0]
    let response = try tell(
      server,
      "plain",
      #"{"feedback": [{"id": "nonsense", "label": 0}, {"id": "\#(id)", "label": 0}]}"#
    )
    #expect(response.status == 200)
    #expect(response.text == #"{"accepted":1,"unknown":["nonsense"]}"#)
  }

  @Test func idsOfOtherModelsAreUnknown() throws {
    let server = try ServiceServer(["a.onnx": "plain", "b.onnx": "plain"])
    let id = try predict(server, "a")[0]
    let body = #"{"id": "\#(id)", "label": 0}"#
    #expect(try tell(server, "b", body).status == 404)
    #expect(try tell(server, "a", body).status == 200)
    #expect(try tell(server, "c", body).status == 404)
    #expect(try FileAccess.names(in: server.folder.path + "/.martlet/feedback") == ["a", "b"])
  }

  @Test func newClassesAreTakenAndReported() throws {
    let server = try ServiceServer(Self.digits)
    let id = try predict(server, "digits")[0]
    let response = try tell(server, "digits", #"{"id": "\#(id)", "label": "nine"}"#)
    #expect(response.text == #"{"accepted":1,"unknown":[],"new_labels":["nine"]}"#)
  }

  @Test func aRequestThatIsWrongStoresNothing() throws {
    let server = try ServiceServer(Self.digits)
    let ids = try predict(server, "digits", rows: 2)
    for (truth, message) in [
      (
        #""label": 2"#,
        "'feedback[1].label': version 1 has the classes 0 to 1, got 2; a new class needs a name"
      ),
      (#""target": 2"#, "'feedback[1].target': the model predicts classes: send 'label'"),
    ] {
      let response = try tell(
        server,
        "digits",
        #"{"feedback": [{"id": "\#(ids[0])", "label": 0}, {"id": "\#(ids[1])", \#(truth)}]}"#
      )
      #expect(response.status == 400)
      #expect(response.text == #"{"error":"\#(message)"}"#)
    }
    #expect(try server.feedback.feedback(of: "digits")?.newest(10) == [])
    #expect(try tell(server, "digits", #"{"id": "\#(ids[0])", "label": 0}"#).status == 200)
  }

  @Test func valuesAreToldAsTargets() throws {
    let server = try ServiceServer(["r.onnx": "regressor"])
    let ids = try predict(server, "r", rows: 2)
    let label = try tell(server, "r", #"{"id": "\#(ids[0])", "label": 3}"#)
    #expect(label.text == #"{"error":"'label': the model predicts values: send 'target'"}"#)
    let count = try tell(server, "r", #"{"id": "\#(ids[0])", "target": [1, 2]}"#)
    #expect(count.text == #"{"error":"'target': expected 1 numbers, got 2"}"#)
    // The rows [0,2,3] and [1,2,3] give 13 and 14.
    #expect(try tell(server, "r", #"{"id": "\#(ids[0])", "target": 12}"#).status == 200)
    #expect(try tell(server, "r", #"{"id": "\#(ids[1])", "target": [17]}"#).status == 200)
    let status = try json(server.get("/v1/models/r/feedback"))
    #expect(status["mean_squared_error"]?["total"] == .number(5))
    #expect(status["accuracy"] == .null)
  }

  @Test func tooManyRowsAre413() throws {
    let server = try ServiceServer { $0.feedbackPerRequest = 1 }
    let response = try tell(
      server,
      "plain",
      #"{"feedback": [{"id": "x", "label": 0}, {"id": "y", "label": 0}]}"#
    )
    #expect(response.status == 413)
  }

  @Test func aBrokenFolderIsNoSuccess() throws {
    let server = try ServiceServer()
    let id = try predict(server, "plain")[0]
    try server.folder.makeFolder(".martlet/feedback/plain")
    try server.folder.write(".martlet/feedback/plain/000000000001.log", "my diary")
    let body = #"{"id": "\#(id)", "label": 0}"#
    let response = try tell(server, "plain", body)
    #expect(response.status == 500)
    #expect(
      response.text == #"{"error":"the server cannot store feedback; 0 of 1 rows are stored"}"#
    )
    server.folder.remove(".martlet/feedback/plain/000000000001.log")
    #expect(try tell(server, "plain", body).status == 200)
  }

  // MARK: - Status

  @Test func theStatusCountsWhatWasRight() throws {
    let server = try ServiceServer(Self.digits)
    #expect(
      try server.get("/v1/models/digits/feedback").text
        == #"{"model":"digits","count":0,"total":0,"waiting":0,"accuracy":null,"mean_squared_error":null,"versions":[],"labels":{}}"#
    )
    let ids = try predict(server, "digits", rows: 5)
    for (id, label) in zip(ids, ["seven", "seven", "nine", "seven"]) {
      _ = try tell(server, "digits", #"{"id": "\#(id)", "label": "\#(label)"}"#)
    }
    let score = #"{"total":0.75,"last_100":0.75,"last_1000":0.75}"#
    #expect(
      try server.get("/v1/models/digits/feedback").text
        == #"{"model":"digits","count":4,"total":4,"waiting":1,"accuracy":\#(score),"mean_squared_error":null,"versions":[{"version":1,"count":4,"accuracy":\#(score),"mean_squared_error":null}],"labels":{"nine":1,"seven":3}}"#
    )
    #expect(try server.get("/v1/models/none/feedback").status == 404)
  }
}
