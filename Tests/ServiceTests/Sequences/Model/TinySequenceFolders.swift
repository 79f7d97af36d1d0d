import Datasets
import Engine
import GraphIR
import ONNXFormat
import Tensors
import TestSupport

@testable import Service

/// Version folders of small sequence models, with recurrent layers and random weights.
struct TinySequenceFolders {
  static let width = 10
  static let labels = ["good", "bad", "odd"]
  let folder: String
  let vocabulary = Vocabulary.characters("abcdefgh".unicodeScalars)

  /// Writes one version, whose manifest or graphs `change` may break.
  func write(
    _ task: SequenceTask,
    version: Int = 1,
    golden: ModelFolder.Golden? = nil,
    _ change: (inout ModelManifest, inout [String: Graph]) throws -> Void = { _, _ in }
  ) throws -> String {
    var graphs = ["main": try main(task)]
    if task == .translation { graphs["encoder"] = try textEncoder() }
    if task == .imageCaptioning { graphs["encoder"] = try imageEncoder() }
    var manifest = ModelManifest(
      name: "tiny",
      version: version,
      task: task.rawValue,
      signature: .init(of: try main(task)),
      roles: task == .forecasting ? ["forecast": "forecast"] : ["logits": "logits"],
      labels: task.isDecoded ? nil : Self.labels
    )
    var format = ModelManifest.SequenceFormat(lengthMax: 20)
    if task == .forecasting { format.values = "values" } else { format.tokens = "tokens" }
    if task.isDecoded {
      format.state = [.init(input: "h", output: "new_h")]
    } else {
      format.lengths = "lengths"
    }
    if task.hasTargetText {
      format.start = Vocabulary.start
      format.end = Vocabulary.end
    }
    if task == .translation { format.sourceLengthMax = 6 }
    if task == .imageCaptioning {
      manifest.preprocessing = .init(
        image: ImagePreprocessing(channels: 1, height: 2, width: 2)
      )
    }
    if task == .forecasting {
      manifest.forecast = .init(
        mean: 100,
        scale: 10,
        season: 3,
        interval: .init(level: 0.9, lower: [-1, -2], upper: [3, 4])
      )
    }
    manifest.sequence = format
    try change(&manifest, &graphs)
    var vocabularies: [ModelManifest.TextSide: [UInt8]] = [:]
    if task.hasSourceText { vocabularies[.source] = try vocabulary.json() }
    if task.hasTargetText { vocabularies[.target] = try vocabulary.json() }
    let path = "\(folder)/\(task.rawValue)-\(version)"
    try ModelFolder.write(
      to: path,
      manifest,
      graphs: graphs,
      vocabularies: vocabularies,
      golden: golden
    )
    return path
  }

  // MARK: - Graphs

  func main(_ task: SequenceTask) throws -> Graph {
    if task == .forecasting { return try forecaster() }
    var net = Net("main")
    let tokens = try net.graph.placeholder("tokens", .int64, ["N", "T"])
    let embedded = try net.apply("Gather", [net.weights([vocabulary.count, 5], 1), tokens])
    if task.isDecoded {
      let h = try net.graph.placeholder("h", .float32, ["N", .known(Self.width)])
      let (all, last) = try net.recurrent(embedded, inputs: 5, h: h, lengths: nil)
      let logits = try net.apply(
        "MatMul",
        [all, net.weights([Self.width, vocabulary.count], 5)],
        name: "logits"
      )
      net.graph.outputs = [logits, try net.apply("Identity", [last], name: "new_h")]
    } else {
      let lengths = try net.graph.placeholder("lengths", .int32, ["N"])
      let (all, last) = try net.recurrent(embedded, inputs: 5, h: nil, lengths: lengths)
      let read = task == .tokenClassification ? all : last
      let weights = try net.weights([Self.width, Self.labels.count], 6)
      net.graph.outputs = [try net.apply("MatMul", [read, weights], name: "logits")]
    }
    return net.graph
  }

  private func forecaster() throws -> Graph {
    var net = Net("main")
    let values = try net.graph.placeholder("values", .float32, ["N", "T", 1])
    let h = try net.graph.placeholder("h", .float32, ["N", .known(Self.width)])
    let (all, last) = try net.recurrent(values, inputs: 1, h: h, lengths: nil)
    let weights = try net.weights([Self.width, 1], 7)
    net.graph.outputs = [
      try net.apply("MatMul", [all, weights], name: "forecast"),
      try net.apply("Identity", [last], name: "new_h"),
    ]
    return net.graph
  }

  func textEncoder() throws -> Graph {
    var net = Net("encoder")
    let tokens = try net.graph.placeholder("source", .int64, ["N", 6])
    let lengths = try net.graph.placeholder("source_lengths", .int32, ["N"])
    let embedded = try net.apply("Gather", [net.weights([vocabulary.count, 5], 11), tokens])
    let (_, last) = try net.recurrent(embedded, inputs: 5, h: nil, lengths: lengths)
    net.graph.outputs = [try net.apply("Identity", [last], name: "h")]
    return net.graph
  }

  private func imageEncoder() throws -> Graph {
    var net = Net("encoder")
    let image = try net.graph.placeholder("image", .float32, ["N", 1, 2, 2])
    let flat = try net.apply("Flatten", [image])
    let sum = try net.apply("MatMul", [flat, net.weights([4, Self.width], 12)])
    net.graph.outputs = [try net.apply("Tanh", [sum], name: "h")]
    return net.graph
  }
}

/// A graph under construction.
private struct Net {
  var graph: Graph
  private let width = TinySequenceFolders.width

  init(_ name: String) { graph = Graph(name: name) }

  mutating func weights(_ shape: Shape, _ seed: UInt64) throws -> ValueID {
    try graph.constant(.random(shape, seed: seed, in: -1...1))
  }

  mutating func apply(_ op: OperatorName, _ inputs: [ValueID], name: String? = nil) throws
    -> ValueID
  {
    try graph.apply1(op, inputs, name: name)
  }

  /// A GRU over x [N,T,I].
  ///
  /// - Returns: The outputs [N,T,H] and the last state [N,H].
  mutating func recurrent(
    _ x: ValueID,
    inputs: Int,
    h: ValueID?,
    lengths: ValueID?
  ) throws -> (ValueID, ValueID) {
    let first = try graph.constant(Tensor(vector: [0] as [Int64]))
    let second = try graph.constant(Tensor(vector: [1] as [Int64]))
    let initial = try h.map { try graph.apply1("Unsqueeze", [$0, first]) }
    let steps = try graph.apply1("Transpose", [x], ["perm": .ints([1, 0, 2])])
    let results = try graph.apply(
      "GRU",
      [
        steps, weights([1, 3 * width, inputs], 21), weights([1, 3 * width, width], 22), nil,
        lengths, initial,
      ],
      ["hidden_size": .int(width)],
      outputCount: 2
    )
    guard let all = results[0], let last = results[1] else {
      throw ServiceError.invalid("the operator has two outputs")
    }
    let rows = try graph.apply1(
      "Transpose",
      [graph.apply1("Squeeze", [all, second])],
      ["perm": .ints([1, 0, 2])]
    )
    return (rows, try graph.apply1("Squeeze", [last, first]))
  }
}
