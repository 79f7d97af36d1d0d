import HTTP
import Testing

@testable import Service

/// What each task answers, row by row.
@Suite struct SequenceReplyTests {
  @Test func textGoesOn() throws {
    let server = try SequenceServer.make()
    let response = try server.post(
      "/v1/models/writer:sequence",
      #"{"instances": ["ab"], "parameters": {"max_length": 3, "temperature": 0}}"#
    )
    #expect(response.status == 200)
    #expect(response["x-martlet-version"] == "1")
    #expect(
      response.text
        == #"{"predictions":[{"text":"cde","tokens":["c","d","e"],"finish_reason":"length","log_probability":-1.5}]}"#
    )
    let end = try server.answer(
      "/v1/models/writer:sequence",
      #"{"instances": ["x"], "parameters": {"temperature": 0}}"#
    )
    #expect(end["predictions"]?.elements.first?["text"] == "yz")
    #expect(end["predictions"]?.elements.first?["finish_reason"] == "stop")
  }

  @Test func everyInstanceHasItsPrediction() throws {
    let server = try SequenceServer.make()
    let all = try server.answer(
      "/v1/models/german:sequence",
      #"{"instances": ["a", "k", "t", "z"], "parameters": {"max_length": 2}}"#
    )
    let texts = all["predictions"]?.elements.map { $0["text"]?.text }
    #expect(texts == ["bc", "lm", "uv", ""])
    // Nothing is drawn, so no seed is told.
    #expect(all["predictions"]?.elements.first?["seed"] == nil)
  }

  @Test func aDrawnTextTellsItsSeedAndTheSeedGivesItAgain() throws {
    let server = try SequenceServer.make()
    let path = "/v1/models/writer:sequence"
    let first = try server.answer(path, #"{"instances": ["a"]}"#)["predictions"]?.elements.first
    let seed = try #require(first?["seed"]?.whole)
    let again = try server.answer(
      path,
      #"{"instances": ["q", "a"], "parameters": {"seed": \#(seed)}}"#
    )
    #expect(again["predictions"]?.elements.last == first)
  }

  @Test func unknownCharactersAreTold() throws {
    let server = try SequenceServer.make()
    let reply = try server.answer(
      "/v1/models/writer:sequence",
      #"{"instances": ["a1b2", "ab"], "parameters": {"max_length": 1}}"#
    )
    let predictions = reply["predictions"]?.elements ?? []
    #expect(predictions.first?["unknown_count"]?.whole == 2)
    #expect(
      predictions.first?["unknown"]
        == [
          ["text": "1", "position": .number(1), "offset": .number(1)],
          ["text": "2", "position": .number(3), "offset": .number(3)],
        ]
    )
    #expect(predictions.last?["unknown"] == nil)
  }

  @Test func beamSearchAnswersCandidates() throws {
    let server = try SequenceServer.make()
    let reply = try server.answer(
      "/v1/models/german:sequence",
      #"{"instances": ["a"], "parameters": {"beam_width": 4, "n_best": 2, "max_length": 2}}"#
    )
    let prediction = try #require(reply["predictions"]?.elements.first)
    #expect(prediction["candidates"]?.elements.map { $0["text"]?.text } == ["bc", "bc1"])
    #expect(prediction["candidates"]?.elements.last?["log_probability"]?.double == -20)
    let single = try server.answer(
      "/v1/models/german:sequence",
      #"{"instances": ["a"], "parameters": {"beam_width": 4, "stop": "e"}}"#
    )
    #expect(single["predictions"]?.elements.first?["text"] == "bcd")
    #expect(single["predictions"]?.elements.first?["candidates"] == nil)
  }

  @Test func stopTextsEndAnAnswer() throws {
    let server = try SequenceServer.make()
    let reply = try server.answer(
      "/v1/models/writer:sequence",
      #"{"instances": ["a"], "parameters": {"temperature": 0, "stop": ["xyz", "fg"]}}"#
    )
    #expect(
      reply["predictions"]?.elements.first
        == [
          "text": "bcde", "tokens": ["b", "c", "d", "e"], "finish_reason": "stop",
          "log_probability": .number(-3),
        ]
    )
  }

  @Test func labelsAndForecasts() throws {
    let server = try SequenceServer.make()
    let mood = try server.post("/v1/models/mood:sequence", #"{"instances": ["so so"]}"#)
    #expect(
      mood.text
        == #"{"predictions":[{"label":"good","probabilities":{"bad":0.25,"good":0.75}}]}"#
    )
    let words = try server.post("/v1/models/words:sequence", #"{"instances": ["ab"]}"#)
    #expect(
      words.text
        == #"{"predictions":[{"tokens":["a","b"],"labels":["B-a","B-b"],"probabilities":[0.5,0.5]}]}"#
    )
    let sales = try server.post(
      "/v1/models/sales:sequence",
      #"{"instances": [[1, 2.5], [7]], "parameters": {"steps": 2}}"#
    )
    #expect(
      sales.text
        == #"{"predictions":[{"forecast":[3.5,4.5],"lower":[2.5,2.5],"upper":[4.5,6.5]},{"forecast":[8.0,9.0],"lower":[7.0,7.0],"upper":[9.0,11.0]}]}"#
    )
  }

  @Test func picturesAreCaptioned() throws {
    let server = try SequenceServer.make()
    let path = "/v1/models/eyes:caption"
    let reply = try server.answer(
      path,
      #"{"instances": [{"b64": "/9j/4A=="}, [[[3,2],[1,0]]]], "parameters": {"beam_width": 2, "n_best": 2}}"#
    )
    let predictions = reply["predictions"]?.elements ?? []
    #expect(predictions.map { $0["caption"]?.text } == ["4 bytes", "3 bytes"])
    #expect(
      predictions.first?["candidates"]?.elements.map { $0["caption"]?.text } == [
        "4 bytes", "1 things",
      ]
    )
    for head: [UInt8] in [
      [0xFF, 0xD8, 0xFF, 0xE0, 0], [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A],
    ] {
      let bare = try server.client().send("POST", path, body: head)
      #expect(
        bare.text
          == #"{"predictions":[{"caption":"\#(head.count) bytes","tokens":["\#(head.count)","bytes"],"finish_reason":"stop","log_probability":-1.0}]}"#
      )
    }
  }

  @Test func versionsAndLabelsAreAnswered() throws {
    let server = try ServiceServer([
      "w/1/model.onnx": "sequences text-generation", "w/1/model.json": "{}",
      "w/aliases.json": #"{"old": 1}"#,
    ])
    let body = #"{"instances": ["y"]}"#
    for part in ["", "/versions/1", "/labels/old"] {
      #expect(try server.post("/v1/models/w\(part):sequence", body).status == 200, "\(part)")
    }
    #expect(try server.post("/v1/models/w/versions/2:sequence", body).status == 404)
    #expect(try server.post("/v1/models/none:sequence", body).status == 404)
  }

  @Test func metricsCountTokensAndTimes() throws {
    let server = try SequenceServer.make()
    _ = try server.answer(
      "/v1/models/writer:sequence",
      #"{"instances": ["a", "b"], "parameters": {"max_length": 5, "temperature": 0}}"#
    )
    let page = try server.get("/metrics").text
    #expect(page.contains(#"martlet_sequence_tokens_total{model="writer"} 10"#))
    #expect(page.contains(#"martlet_sequence_first_piece_seconds_count{model="writer"} 2"#))
    #expect(page.contains(#"martlet_sequence_duration_seconds_count{model="writer"} 2"#))
    #expect(page.contains(#"martlet_sequence_active{model="writer"} 0"#))
    #expect(page.contains(#"martlet_sequence_active{model="eyes"} 0"#))
    #expect(!page.contains(#"martlet_sequence_active{model="plain"}"#))
  }
}
