import Datasets
import Dispatch
import Engine
import GraphIR
import HTTP
import ONNXFormat
import Synchronization
import Tensors
import Testing

@testable import Service

/// Real folders of sequence models through the real engine.
@Suite struct SequenceModelTests {
  let temporary = TemporaryFolder()

  private var folders: TinySequenceFolders { TinySequenceFolders(folder: temporary.path) }

  /// Keeps what one answer says and tells when it has ended.
  private final class Sink: SequenceSink {
    struct Record: Sendable {
      var pieces: [SequencePiece] = []
      var answer: SequenceAnswer?
      var error: ServiceError?
      var piecesMax = Int.max
    }

    let record = Mutex(Record())
    private let ended = DispatchSemaphore(value: 0)

    var isCancelled: Bool { record.withLock { $0.pieces.count >= $0.piecesMax } }
    func append(_ piece: SequencePiece) { record.withLock { $0.pieces.append(piece) } }
    func finish(_ answer: SequenceAnswer) {
      record.withLock { $0.answer = answer }
      ended.signal()
    }
    func fail(_ error: ServiceError) {
      record.withLock { $0.error = error }
      ended.signal()
    }
    func wait() -> Record {
      ended.wait()
      return record.withLock { $0 }
    }
  }

  private func load(_ path: String) throws -> any SequenceBackend {
    try #require(CheckpointLoader().load(path).sequences)
  }

  private func answers(
    _ model: any SequenceBackend,
    _ instances: [SequenceInstance],
    _ parameters: SequenceParameters = SequenceParameters()
  ) throws -> [Sink.Record] {
    let encoded = try instances.map { try model.encode($0) }
    let sinks = instances.map { _ in Sink() }
    for (sequence, sink) in zip(encoded, sinks) { model.submit(sequence, parameters, sink) }
    return sinks.map { $0.wait() }
  }

  private func texts(_ record: Sink.Record) throws -> [GeneratedText] {
    guard case .texts(let texts) = record.answer else {
      Issue.record("no text: \(String(describing: record))")
      return []
    }
    return texts
  }

  /// The most likely continuation, by running the whole graph on everything so far, token after token.
  private func greedy(_ state: Tensor, _ prompt: [Int], lengthMax: Int) throws -> [Int] {
    let graph = try folders.main(.textGeneration)
    let session = try Session(graph)
    var tokens = prompt
    while tokens.count - prompt.count < lengthMax {
      let feeds = [
        graph.inputs[0]: Tensor(tokens.map { Int64($0) }, [1, tokens.count]),
        graph.inputs[1]: state,
      ]
      let logits = try session.run([graph.outputs[0]], feeds: feeds)[0].elements(of: Float.self)
      let last = logits.suffix(folders.vocabulary.count)
      let best = try #require(last.indices.max { last[$0] < last[$1] }) - last.startIndex
      if best == Vocabulary.end { break }
      tokens.append(best)
    }
    return Array(tokens[prompt.count...])
  }

  private var zeros: Tensor { Tensor(zeros: .float32, [1, TinySequenceFolders.width]) }

  // MARK: - Text

  @Test func aTextIsContinuedAsTheWholeGraphWould() throws {
    let model = try load(folders.write(.textGeneration))
    #expect(model.task == .textGeneration && model.answerLengthMax == 20)
    var parameters = SequenceParameters()
    parameters.maxLength = 15
    let prompts = ["a", "hgfedcba", "aaaa", String(repeating: "abcd", count: 40)]
    let records = try answers(model, prompts.map { .text($0) }, parameters)
    for (prompt, record) in zip(prompts, records) {
      let ids = folders.vocabulary.encode(prompt).ids
      let expected = try greedy(zeros, [Vocabulary.start] + ids, lengthMax: 15)
      let text = try #require(try texts(record).first)
      #expect(text.text == folders.vocabulary.decode(expected), "\(prompt)")
      #expect(text.tokens == expected.map { folders.vocabulary.text(of: $0) })
      #expect(text.finishReason == (expected.count == 15 ? .length : .stop))
      let pieces = record.pieces.map { piece in
        if case .token(_, let text, _) = piece { text } else { "?" }
      }
      #expect(pieces.joined() == text.text && text.logProbability < 0)
    }
  }

  @Test func aSeedGivesTheSameTextAloneAndAmongOthers() throws {
    let model = try load(folders.write(.textGeneration))
    var parameters = SequenceParameters()
    parameters.temperature = 1
    parameters.seed = 7
    let alone = try answers(model, [.text("abc")], parameters)[0].answer
    let many = try answers(model, (0..<50).map { .text($0 % 2 == 0 ? "abc" : "hh") }, parameters)
    for (number, record) in many.enumerated() where number % 2 == 0 {
      #expect(record.answer == alone)
    }
    #expect(many[1].answer != alone)
    parameters.seed = 8
    #expect(try answers(model, [.text("abc")], parameters)[0].answer != alone)
  }

  @Test func aCancelledTextEndsAndLeavesTheOthers() throws {
    let model = try load(folders.write(.textGeneration))
    var parameters = SequenceParameters()
    parameters.temperature = 1
    let expected = try answers(model, [.text("ab")], parameters)[0].answer
    let encoded = try model.encode(.text("ab"))
    let sinks = (0..<40).map { _ in Sink() }
    for (number, sink) in sinks.enumerated() {
      if number % 2 == 1 { sink.record.withLock { $0.piecesMax = 2 } }
      model.submit(encoded, parameters, sink)
    }
    for (number, sink) in sinks.enumerated() {
      let record = sink.wait()
      if number % 2 == 0 {
        #expect(record.answer == expected)
      } else {
        #expect(record.pieces.count == 2 && record.error?.status == .clientClosedRequest)
      }
    }
  }

  @Test func unknownCharactersAreReportedWithTheirPlaces() throws {
    let model = try load(folders.write(.textGeneration))
    let encoded = try model.encode(.text("aXb"))
    #expect(encoded.count == 3 && encoded.unknown.map(\.text) == ["X"])
    #expect(encoded.unknown[0].position == 1 && encoded.unknown[0].offset == 1)
  }

  @Test func aTranslationStartsFromWhatTheEncoderMade() throws {
    let model = try load(folders.write(.translation))
    #expect(model.sourceLengthMax == 6)
    let session = try Session(folders.textEncoder())
    let sources = ["abc", "f", "hgfedc"]
    let records = try answers(model, sources.map { .text($0) })
    for (source, record) in zip(sources, records) {
      let ids = folders.vocabulary.encode(source).ids
      let padded = ids + [Int](repeating: Vocabulary.padding, count: 6 - ids.count)
      let state = try session.run(
        session.graph.outputs,
        feeds: [
          session.graph.inputs[0]: Tensor(padded.map { Int64($0) }, [1, 6]),
          session.graph.inputs[1]: Tensor(vector: [Int32(ids.count)]),
        ]
      )[0]
      let expected = try greedy(state, [Vocabulary.start], lengthMax: 20)
      #expect(try texts(record).first?.text == folders.vocabulary.decode(expected))
    }
    let tooLong = try answers(model, [.text("aaaaaaa")])
    #expect(tooLong[0].error?.message.contains("7 tokens, the model takes 1 to 6") == true)
  }

  @Test func aReversedSourceIsReadFromItsEnd() throws {
    let forward = try load(folders.write(.translation))
    let reversed = try load(
      folders.write(.translation, version: 2) { manifest, _ in
        manifest.sequence?.sourceReversed = true
      }
    )
    for (first, second) in [("abcd", "dcba"), ("ef", "fe")] {
      #expect(
        try answers(forward, [.text(first)])[0].answer
          == (try answers(reversed, [.text(second)])[0].answer)
      )
    }
  }

  @Test func aBeamGivesTheBestOfSeveralTexts() throws {
    let model = try load(folders.write(.translation))
    var parameters = SequenceParameters()
    parameters.beamWidth = 4
    parameters.bestCount = 3
    let record = try answers(model, [.text("abc")], parameters)[0]
    let texts = try texts(record)
    #expect(texts.count == 3 && Set(texts.map(\.text)).count == 3 && record.pieces.isEmpty)
  }

  // MARK: - Images

  @Test func aPictureIsDescribedFromPixelsAndFromAFile() throws {
    let model = try load(folders.write(.imageCaptioning))
    let pixels: [UInt8] = [0, 255, 51, 102]
    let file = try PNG.encode(Image(width: 2, height: 2, channels: 1, pixels: pixels))
    let numbers = pixels.map { Float(Double($0) * (1.0 / 255)) }
    let records = try answers(
      model,
      [.image(file), .numbers(numbers, shape: [1, 2, 2]), .numbers(numbers, shape: [2, 2])]
    )
    #expect(try texts(records[0]).isEmpty == false)
    #expect(records[0].answer == records[1].answer && records[1].answer == records[2].answer)
    #expect(throws: ServiceError.self) { try model.encode(.numbers(numbers, shape: [4])) }
    #expect(throws: (any Error).self) { try model.encode(.image([1, 2, 3])) }
    #expect(throws: ServiceError.self) { try model.encode(.text("a")) }
  }

  // MARK: - Labels

  @Test func textsOfAnyLengthGetTheLabelTheyGetAlone() throws {
    let model = try load(folders.write(.textClassification))
    let texts = (1...20).map { String("abcdefghabcdefghabcd".prefix($0)) }
    let records = try answers(model, texts.map { .text($0) })
    for (text, record) in zip(texts, records) {
      guard case .label(let label, let probabilities) = record.answer else {
        Issue.record("no label")
        continue
      }
      #expect(probabilities.map(\.label) == TinySequenceFolders.labels)
      #expect(abs(probabilities.reduce(0) { $0 + $1.probability } - 1) < 1e-5)
      #expect(probabilities.max { $0.probability < $1.probability }?.label == label)
      #expect(try answers(model, [.text(text)])[0].answer == record.answer)
    }
    #expect(Set(records.map { "\(String(describing: $0.answer))" }).count == 20)
  }

  @Test func everyTokenOfATextGetsALabel() throws {
    let model = try load(folders.write(.tokenClassification))
    let records = try answers(model, ["abXh", "a", "hgfedcbaabcdefghi"].map { .text($0) })
    guard case .labels(let labels) = records[0].answer else { throw ServiceError.invalid("none") }
    #expect(labels.map(\.token) == ["a", "b", "X", "h"])
    #expect(labels.allSatisfy { TinySequenceFolders.labels.contains($0.label) })
    // What comes later says nothing about the first token: the layer reads forward.
    let alone = try answers(model, [.text("a")])[0].answer
    #expect(alone == .labels([labels[0]]) && alone == records[1].answer)
    guard case .labels(let many) = records[2].answer else { throw ServiceError.invalid("none") }
    #expect(many.count == 17)
    let tooLong = try answers(model, [.text(String(repeating: "a", count: 21))])[0]
    #expect(tooLong.error?.status == .badRequest)
  }

  // MARK: - Series

  @Test func aForecastIsInUnitsOfTheSeriesWithItsIntervals() throws {
    let model = try load(folders.write(.forecasting))
    var parameters = SequenceParameters()
    parameters.steps = 3
    let series: [Float] = [95, 100, 112]
    let record = try answers(model, [.numbers(series, shape: [3])], parameters)[0]
    guard case .forecast(let values) = record.answer else { throw ServiceError.invalid("none") }
    #expect(values.count == 3 && record.pieces == values.map { .value($0) })
    let graph = try folders.main(.forecasting)
    let scaled = series.map { ($0 - 100) / 10 }
    let next = try Session(graph).run(
      [graph.outputs[0]],
      feeds: [graph.inputs[0]: Tensor(scaled, [1, 3, 1]), graph.inputs[1]: zeros]
    )[0].elements(of: Float.self)
    #expect(abs(values[0].value - (next[2] * 10 + 100)) < 1e-4)
    for (step, value) in values.enumerated() {
      #expect(value.lower == Float(Double(value.value) - (step == 0 ? 1 : 2)))
      #expect(value.upper == Float(Double(value.value) + (step == 0 ? 3 : 4)))
    }
    #expect(throws: ServiceError.self) { try model.encode(.numbers([1, 2], shape: [1, 2])) }
    let short = ServiceError.invalid(
      "the series has 2 values, the model, whose season is 3, needs at least 3"
    )
    #expect(throws: short) { try model.encode(.numbers([1, 2], shape: [2])) }
  }

  // MARK: - Folders that are not what they say

  private func problem(_ path: String) -> String {
    do {
      _ = try CheckpointLoader().load(path)
      return "none"
    } catch { return "\(error)" }
  }

  @Test func goldenExamplesAreReplayed() throws {
    let graph = try folders.main(.textGeneration)
    let tokens = Tensor([2, 4, 5] as [Int64], [1, 3])
    let outputs = try Session(graph).run(
      graph.outputs,
      feeds: [graph.inputs[0]: tokens, graph.inputs[1]: zeros]
    )
    var golden = ModelFolder.Golden(
      inputs: [NPZ.Entry("tokens", tokens), NPZ.Entry("h", zeros)],
      outputs: zip(["logits", "new_h"], outputs).map { NPZ.Entry($0, $1) }
    )
    #expect(try problem(folders.write(.textGeneration, golden: golden)) == "none")
    golden.outputs[1] = NPZ.Entry("new_h", zeros)
    let wrong = try problem(folders.write(.textGeneration, version: 2, golden: golden))
    #expect(wrong.contains("output new_h[0] is"))
  }

  @Test func graphsThatDoNotFitTheirManifestAreErrors() throws {
    let folders = folders
    let state = try problem(
      folders.write(.translation) { _, graphs in
        var graph = try folders.textEncoder()
        let h = try #require(graph.outputs.first)
        let axes = try graph.constant(Tensor(vector: [0] as [Int64]))
        graph.outputs = [try graph.apply1("Unsqueeze", [h, axes], name: "memory")]
        graphs["encoder"] = graph
      }
    )
    #expect(state == "none", "a state that the encoder does not give starts as zeros")
    let context = try problem(
      folders.write(.translation, version: 2) { manifest, _ in
        manifest.sequence?.state = []
        manifest.sequence?.context = ["h"]
        manifest.sequence?.tokens = "tokens"
      }
    )
    #expect(context == "none", "a context may be anything that the encoder gives")
    let nobody = try problem(
      folders.write(.textGeneration) { manifest, _ in
        manifest.sequence?.state = []
        manifest.sequence?.context = ["h"]
      }
    )
    #expect(nobody.contains("nothing gives context 'h'"))
    let labels = try problem(
      folders.write(.textClassification) { manifest, _ in manifest.labels = ["one"] }
    )
    #expect(labels.contains("model.json has 1 labels"))
    let image = try problem(
      folders.write(.imageCaptioning) { manifest, _ in
        manifest.preprocessing = .init(
          image: ImagePreprocessing(channels: 3, height: 2, width: 2)
        )
      }
    )
    #expect(image.contains("preprocessing.image"))
  }
}
