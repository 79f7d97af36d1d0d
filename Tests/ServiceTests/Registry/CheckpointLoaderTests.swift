import Datasets
import Engine
import GraphIR
import ONNXFormat
import Storage
import Tensors
import Testing

@testable import Service

/// Real files through the real engine.
@Suite struct CheckpointLoaderTests {
  let folder = TemporaryFolder()

  /// logits = pixels x weights, probabilities = softmax of them, for pictures of 1 x 2 x 2.
  static func graph() throws -> Graph {
    var graph = Graph(name: "tiny")
    let pixels = try graph.placeholder("pixels", .float32, ["N", 1, 2, 2])
    let flat = try graph.apply1("Flatten", [pixels], ["axis": .int(1)])
    let weights = try graph.constant(
      Tensor([1, 0, 0, 1, 2, 0, 0, 2] as [Float], [4, 2]),
      name: "weights"
    )
    let logits = try graph.apply1("MatMul", [flat, weights], name: "logits")
    let probabilities = try graph.apply1(
      "Softmax",
      [logits],
      ["axis": .int(1)],
      name: "probabilities"
    )
    graph.outputs = [logits, probabilities]
    return graph
  }

  /// Writes `tiny/<version>` with golden outputs, shifted by `error`.
  func write(version: Int, error: Float = 0, labels: [String] = ["left", "right"]) throws {
    let graph = try Self.graph()
    let input = Tensor([1, 2, 3, 4] as [Float], [1, 1, 2, 2])
    let model = SessionModel(
      try .init(graph),
      signature: ModelSignature(
        inputs: [.init("pixels", .float32, ["N", 1, 2, 2])],
        outputs: [
          .init("logits", .float32, ["N", 2]), .init("probabilities", .float32, ["N", 2]),
        ]
      )
    )
    let run = try model.prepare([input.shape])
    input.withBytes { run.input(0).copyMemory(from: $0) }
    try run.execute()
    let outputs = ["logits", "probabilities"].enumerated().map { index, name in
      let values = (0..<2).map {
        run.output(index).loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) + error
      }
      return NPZ.Entry(name, Tensor(values, [1, 2]))
    }
    let manifest = ModelManifest(
      name: "tiny",
      version: version,
      task: "classification",
      signature: .init(of: graph),
      roles: ["logits": "logits", "probabilities": "probabilities"],
      labels: labels,
      preprocessing: .init(image: ImagePreprocessing(channels: 1, height: 2, width: 2))
    )
    try ModelFolder.write(
      to: "\(folder.path)/tiny/\(version)",
      manifest,
      graphs: ["main": graph],
      golden: .init(inputs: [NPZ.Entry("pixels", input)], outputs: outputs)
    )
  }

  func problem(version: Int) -> String {
    do {
      _ = try CheckpointLoader().load("\(folder.path)/tiny/\(version)")
      return "none"
    } catch { return "\(error)" }
  }

  @Test func loadsGraphManifestAndGolden() throws {
    try folder.makeFolder("tiny")
    try write(version: 1)
    let loaded = try CheckpointLoader().load("\(folder.path)/tiny/1")
    let signature = loaded.model.signature
    #expect(signature.batching == .anyCount)
    #expect(signature.hasKnownRows)
    #expect(signature.roles == [.logits, .probabilities])
    #expect(signature.labels == ["left", "right"])
    #expect(signature.inputs[0].shapeText == "[N,1,2,2]")
    let picture = try PNG.encode(Image(width: 2, height: 2, channels: 1, pixels: [0, 255, 255, 0]))
    let row = try picture.withUnsafeBytes { try loaded.images?.decode($0) }
    #expect(row == [0, 1, 1, 0])
  }

  @Test func aWrongAnswerIsNotServed() throws {
    try folder.makeFolder("tiny")
    try write(version: 1, error: 0.01)
    #expect(problem(version: 1) == "output logits[0] is 7.0, golden.npz has 7.01")
  }

  @Test func labelsMustFitTheOutput() throws {
    try folder.makeFolder("tiny")
    try write(version: 1, labels: ["one", "two", "three"])
    #expect(
      problem(version: 1)
        == "model.json has 3 labels, output 'probabilities' has shape [N,2]"
    )
  }

  @Test func aDamagedFileIsRefused() throws {
    try folder.makeFolder("tiny")
    try write(version: 1)
    try folder.write("tiny/1/model.onnx", "not a graph")
    #expect(problem(version: 1).contains("sha256"))
    try folder.write("bad.onnx", "not a graph")
    #expect(throws: (any Error).self) { try CheckpointLoader().load("\(folder.path)/bad.onnx") }
  }

  /// The same row alone and in company gives the same bits, kernels included.
  @Test func batchesDoNotChangeBits() throws {
    try folder.makeFolder("tiny")
    try write(version: 1)
    let model = try CheckpointLoader().load("\(folder.path)/tiny/1").model
    var random = Philox(seed: 3)
    let pixels = (0..<33 * 4).map { _ in random.uniform() }
    func run(_ first: Int, _ count: Int) throws -> [UInt8] {
      let prepared = try model.prepare([[count, 1, 2, 2]])
      pixels[(first * 4)..<((first + count) * 4)].withUnsafeBytes {
        prepared.input(0).copyMemory(from: $0)
      }
      try prepared.execute()
      return Array(prepared.output(1))
    }
    let single = try (0..<33).flatMap { try run($0, 1) }
    for count in [2, 7, 16, 33] {
      #expect(try run(0, count) == Array(single.prefix(count * 8)), "\(count) rows")
    }
  }

  @Test func hugeFixedSizesAreRefused() throws {
    var graph = Graph(name: "huge")
    let size = Dimension.known(1 << 33)
    let x = try graph.placeholder("x", .float32, PartialShape([size, size]))
    graph.outputs = [try graph.apply1("Relu", [x], name: "y")]
    try FileAccess.create("\(folder.path)/huge.onnx", ONNXWriter.bytes(of: graph))
    #expect(throws: (any Error).self) { try CheckpointLoader().load("\(folder.path)/huge.onnx") }
  }
}
