import Foundation
import GraphIR
import ONNXFormat
import Storage
import TestSupport
import Tensors
import Testing

@Suite struct SequenceManifestTests {
  private static let digest = String(repeating: "0a", count: 32)

  /// The `model.json` of a translation with every key that sequence models have.
  private static let translation = """
    {"format":1,"name":"n","version":1,"task":"translation",
    "graphs":{"main":{"file":"model.onnx","sha256":"\(digest)"},
    "encoder":{"file":"encoder.onnx","sha256":"\(digest)"}},
    "signature":{"inputs":[{"name":"tokens","dtype":"int64","shape":["N","T"]},
    {"name":"h","dtype":"float32","shape":["N",8]},{"name":"memory","dtype":"float32","shape":["N",9,8]}],
    "outputs":[{"name":"logits","dtype":"float32","shape":["N","T",20]},
    {"name":"h1","dtype":"float32","shape":["N",8]}]},
    "roles":{"logits":"logits"},
    "sequence":{"tokens":"tokens","state":[{"input":"h","output":"h1"}],"context":["memory"],
    "start":1,"end":2,"source_reversed":true,"source_length_max":9,"length_max":12},
    "text":{"source":{"file":"source-vocabulary.json","sha256":"\(digest)"},
    "target":{"file":"target-vocabulary.json","sha256":"\(digest)"}}}
    """

  private static let forecaster = """
    {"format":1,"name":"n","version":1,"task":"forecasting",
    "graphs":{"main":{"file":"model.onnx","sha256":"\(digest)"}},
    "signature":{"inputs":[{"name":"x","dtype":"float32","shape":["N","T",1]}],
    "outputs":[{"name":"next","dtype":"float32","shape":["N","T",1]}]},
    "roles":{"forecast":"next"},
    "sequence":{"values":"x","length_max":24},
    "forecast":{"mean":280.5,"scale":120,"season":12,
    "interval":{"level":0.9,"lower":[-10,-15.5],"upper":[12,20]}}}
    """

  @Test func theKeysOfATranslationAreRead() throws {
    let manifest = try ModelManifest.read(Array(Self.translation.utf8))
    #expect(manifest.sequenceTask == .translation)
    let sequence = try #require(manifest.sequence)
    #expect(sequence.tokens == "tokens" && sequence.values == nil && sequence.lengths == nil)
    #expect(sequence.state == [.init(input: "h", output: "h1")] && sequence.context == ["memory"])
    #expect(sequence.start == 1 && sequence.end == 2 && sequence.sourceReversed)
    #expect(sequence.sourceLengthMax == 9 && sequence.lengthMax == 12)
    #expect(manifest.text?[.source]?.file == "source-vocabulary.json")
    #expect(try ModelManifest.read(manifest.json()) == manifest)
  }

  @Test func theKeysOfAForecasterAreRead() throws {
    let manifest = try ModelManifest.read(Array(Self.forecaster.utf8))
    #expect(manifest.sequence?.values == "x" && manifest.sequence?.state.isEmpty == true)
    let interval = ModelManifest.Interval(level: 0.9, lower: [-10, -15.5], upper: [12, 20])
    #expect(
      manifest.forecast == .init(mean: 280.5, scale: 120, season: 12, interval: interval)
    )
    #expect(try ModelManifest.read(manifest.json()) == manifest)
  }

  @Test(arguments: [
    ("\"tokens\":\"tokens\",", "", "exactly one of tokens and values"),
    ("\"tokens\":\"tokens\",", "\"tokens\":\"no\",", "sequence.tokens names 'no'"),
    ("\"tokens\":\"tokens\",", "\"tokens\":\"h\",", "'h' is float32, expected int64"),
    ("\"output\":\"h1\"", "\"output\":\"h2\"", "sequence.state[0].output names 'h2'"),
    ("\"output\":\"h1\"}", "\"output\":\"h1\"},{\"input\":\"h\",\"output\":\"h1\"}", "twice"),
    ("\"context\":[\"memory\"]", "\"context\":[]", "does not say what input 'memory' is"),
    ("\"context\":[\"memory\"]", "\"context\":[\"memory\",\"a\"]", "sequence.context[1] names 'a'"),
    ("\"start\":1", "\"start\":20", "sequence.start is 20, the logits have 20 tokens"),
    ("\"end\":2", "\"end\":-1", "sequence.end is -1"),
    ("\"start\":1,", "", "needs the key sequence.start"),
    ("\"source_length_max\":9,", "", "needs the key sequence.source_length_max"),
    ("\"source_length_max\":9", "\"source_length_max\":0", "source_length_max is 0"),
    ("\"length_max\":12", "\"length_max\":65537", "expected 1 to 65536"),
    ("\"encoder\":", "\"other\":", "needs the key graphs.encoder"),
    ("\"source\":{", "\"sauce\":{", "needs the key text.source"),
    ("\"source-vocabulary.json\"", "\"../v.json\"", "text.source.file '../v.json'"),
    ("\"source-vocabulary.json\"", "\"model.json\"", "text.source.file 'model.json'"),
    ("\"source-vocabulary.json\"", "\"target-vocabulary.json\"", "have the same file"),
    ("\"roles\":{\"logits\":\"logits\"}", "\"roles\":{}", "needs the key roles.logits"),
    ("translation", "image-captioning", "needs the key preprocessing.image"),
    ("translation", "text-classification", "needs the key sequence.lengths"),
  ])
  func aBrokenTranslationSaysWhatIsWrong(old: String, new: String, message: String) throws {
    try expectRefusal(Self.translation, old, new, message)
  }

  @Test(arguments: [
    ("\"values\":\"x\",", "\"tokens\":\"x\",", "'x' is float32, expected int64"),
    ("\"scale\":120", "\"scale\":0", "forecast.scale is 0.0, expected above 0"),
    ("\"season\":12", "\"season\":0", "forecast.season is 0"),
    ("\"level\":0.9", "\"level\":1", "forecast.interval.level is 1.0"),
    ("[12,20]", "[12]", "2 lower and 1 upper"),
    ("[12,20]", "[12,-20]", "lower[1] -15.5 is above upper -20"),
    ("\"roles\":{\"forecast\":\"next\"}", "\"roles\":{}", "needs the key roles.forecast"),
    ("\"forecast\":{\"mean\"", "\"other\":{\"mean\"", "needs the key forecast"),
  ])
  func aBrokenForecasterSaysWhatIsWrong(old: String, new: String, message: String) throws {
    try expectRefusal(Self.forecaster, old, new, message)
  }

  private func expectRefusal(
    _ good: String,
    _ old: String,
    _ new: String,
    _ message: String
  ) throws {
    let bad = good.replacingOccurrences(of: old, with: new)
    #expect(bad != good)
    let error = #expect(throws: FormatError.self) { try ModelManifest.read(Array(bad.utf8)) }
    #expect(error?.detail.contains(message) == true, "\(error?.detail ?? "")")
  }

  @Test func twentyThousandMutationsOfSequenceKeysNeverTrap() throws {
    var mutator = Mutator(seed: 12)
    var refused = 0
    for sample in [Self.translation, Self.forecaster] {
      let bytes = Array(sample.utf8)
      for _ in 0..<10_000 {
        do { _ = try ModelManifest.read(mutator.mutate(bytes)) } catch { refused += 1 }
      }
    }
    #expect(refused > 5_000)
  }

  // MARK: - Folders

  @Test func aVersionKeepsItsGraphsAndVocabularies() throws {
    let temporary = try TemporaryFolder()
    let graph = try Self.decoder()
    let vocabulary = Array("{\"tokens\":[]}".utf8)
    try ModelFolder.write(
      to: "\(temporary.path)/1",
      Self.languageModel(graph),
      graphs: ["main": graph],
      vocabularies: [.target: vocabulary]
    )
    let found = try ModelFolder.open("\(temporary.path)/1")
    #expect(try found.vocabularyBytes(.target) == vocabulary)
    #expect(try found.vocabularyBytes(.source) == nil)
    #expect(
      try FileAccess.names(in: found.path) == [
        "model.json", "model.onnx", "target-vocabulary.json",
      ]
    )
    // A version derived from it carries the same vocabulary.
    try ModelFolder.write(
      to: "\(temporary.path)/2",
      found.manifest,
      graphs: ["main": graph],
      vocabularies: found.vocabularies()
    )
    #expect(try ModelFolder.open("\(temporary.path)/2").vocabularyBytes(.target) == vocabulary)
  }

  @Test func aVocabularyThatChangedOrIsMissingIsAnError() throws {
    let temporary = try TemporaryFolder()
    let graph = try Self.decoder()
    try ModelFolder.write(
      to: "\(temporary.path)/1",
      Self.languageModel(graph),
      graphs: ["main": graph],
      vocabularies: [.target: Array("a".utf8)]
    )
    let folder = try ModelFolder.open("\(temporary.path)/1")
    let file = "\(folder.path)/target-vocabulary.json"
    try FileManager.default.removeItem(atPath: file)
    #expect(throws: FormatError.self) { try folder.vocabularyBytes(.target) }
    try FileAccess.create(file, Array("b".utf8))
    let changed = #expect(throws: FormatError.self) { try folder.vocabularyBytes(.target) }
    #expect(changed?.detail.contains(SHA256.hexDigest(of: Array("b".utf8))) == true)
    let none = #expect(throws: FormatError.self) {
      try ModelFolder.write(
        to: "\(temporary.path)/2",
        folder.manifest,
        graphs: ["main": graph]
      )
    }
    #expect(none?.detail.contains("needs the key text.target") == true)
  }

  private static func decoder() throws -> Graph {
    var graph = Graph(name: "decoder")
    let tokens = try graph.placeholder("tokens", .int64, ["N", "T"])
    let table = try graph.constant(Tensor(zeros: .float32, [5, 5]))
    graph.outputs = [try graph.apply1("Gather", [table, tokens], name: "logits")]
    return graph
  }

  private static func languageModel(_ graph: Graph) -> ModelManifest {
    ModelManifest(
      name: "lm",
      version: 1,
      task: SequenceTask.textGeneration.rawValue,
      signature: .init(of: graph),
      roles: ["logits": "logits"],
      sequence: .init(tokens: "tokens", start: 0, lengthMax: 10)
    )
  }
}
