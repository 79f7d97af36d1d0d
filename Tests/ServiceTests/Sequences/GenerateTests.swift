import HTTP
import Testing

@testable import Service

/// V2's generate and generate_stream, byte by byte as Triton's clients expect them.
@Suite struct GenerateTests {
  @Test func generateAnswersOneText() throws {
    let server = try SequenceServer.make()
    let response = try server.post(
      "/v2/models/writer/generate",
      #"{"id": "7", "text_input": "ab", "parameters": {"max_length": 2, "temperature": 0, "stream": false}}"#
    )
    #expect(response.status == 200)
    #expect(
      response.text == #"{"id":"7","model_name":"writer","model_version":"1","text_output":"cd"}"#
    )
    let versioned = try server.post(
      "/v2/models/german/versions/1/generate",
      #"{"text_input": "x"}"#
    )
    #expect(versioned.text == #"{"model_name":"german","model_version":"1","text_output":"yz"}"#)
  }

  @Test func theStreamHasNothingButDataLines() throws {
    let server = try SequenceServer.make()
    let stream = try server.client().open(
      "POST",
      "/v2/models/german/generate_stream",
      body: Array(#"{"text_input": "x", "parameters": {"stream": true}}"#.utf8)
    )
    #expect(stream.headers.contains { $0.value == "text/event-stream; charset=utf-8" })
    #expect(!stream.headers.contains { $0.name.lowercased() == "x-martlet-stream" })
    var text: [UInt8] = []
    while let bytes = try stream.read() { text += bytes }
    #expect(
      String(decoding: text, as: UTF8.self)
        == """
        data: {"model_name":"german","model_version":"1","text_output":"y"}

        data: {"model_name":"german","model_version":"1","text_output":"z"}


        """
    )
  }

  @Test func beamSearchStreamsItsTextAtTheEnd() throws {
    let server = try SequenceServer.make()
    let events = try server.open(
      "POST",
      "/v2/models/german/generate_stream",
      #"{"text_input": "x", "parameters": {"beam_width": 2}}"#
    ).rest()
    #expect(try events.map { try $0.member("text_output") } == ["yz"])
  }

  @Test func errorsAreStrings() throws {
    let server = try SequenceServer.make()
    let cases: [(String, String, Int, String)] = [
      ("writer/generate", "", 400, "JSON parse error"),
      ("writer/generate", "[]", 400, "must be an object"),
      ("writer/generate", "{}", 400, "'text_input' is missing"),
      ("writer/generate", #"{"text_input": 3}"#, 400, "'text_input' must be a string"),
      ("writer/generate", #"{"text_input": ""}"#, 400, "'text_input' is empty"),
      ("writer/generate", #"{"text_input": "a", "max_tokens": 3}"#, 400, "'max_tokens'"),
      ("writer/generate", #"{"text_input": "a", "id": 3}"#, 400, "'id'"),
      ("writer/generate", #"{"text_input": "a", "parameters": {"top_k": -1}}"#, 400, "top_k"),
      (
        "writer/generate", #"{"text_input": "a", "parameters": {"stream": true}}"#, 400,
        "generate_stream"
      ),
      ("writer/generate", #"{"text_input": "abcdefghijklm"}"#, 400, "'text_input' has 13 tokens"),
      ("sales/generate", #"{"text_input": "a"}"#, 409, "sales:sequence"),
      ("eyes/generate_stream", #"{"text_input": "a"}"#, 409, "eyes:caption"),
      ("plain/generate", #"{"text_input": "a"}"#, 409, "plain:predict"),
      ("none/generate", #"{"text_input": "a"}"#, 404, "none"),
      ("writer/versions/9/generate", #"{"text_input": "a"}"#, 404, "9"),
    ]
    for (path, body, status, part) in cases {
      let response = try server.post("/v2/models/\(path)", body)
      #expect(response.status == status, "\(path) \(body): \(response.text)")
      let error = try ServiceServer.value(response)["error"]?.text ?? ""
      #expect(error.contains(part), "\(path) \(body): \(error)")
    }
  }
}
