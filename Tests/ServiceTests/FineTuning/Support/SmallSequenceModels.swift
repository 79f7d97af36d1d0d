import Datasets
import GraphIR
import ONNXFormat
import Storage
import Tensors

/// Real models of sequences of a few hundred weights, one for each task, from one recurrent layer (GRU) each.
enum SmallSequenceModels {
  static let letters = Vocabulary.characters("abcdefgh ".unicodeScalars)
  /// Units of the recurrent layer, and numbers of an embedding.
  static let width = 12

  /// Writes `<root>/<name>/1` for a model of each task, named as the task.
  static func write(in root: String) throws {
    try writeDecoder("text-generation", in: root)
    try writeDecoder("translation", encoder: try sourceEncoder(), in: root)
    try writeDecoder("image-captioning", encoder: try pictureEncoder(), in: root)
    try writeLabeller("text-classification", labels: ["odd", "even"], in: root)
    try writeLabeller("token-classification", labels: ["low", "high", "space"], in: root)
    try writeForecaster(in: root)
  }

  // MARK: - Versions

  private static func writeDecoder(
    _ task: String,
    encoder: Graph? = nil,
    in root: String
  ) throws {
    var graph = Graph(name: "main")
    let tokens = try graph.placeholder("tokens", .int64, ["N", "T"])
    let state = try graph.placeholder("h", .float32, ["N", .known(width)])
    let (steps, last) = try recurrent(
      embedded(tokens, letters.count, "embedding", &graph),
      width,
      state: state,
      "decoder",
      &graph
    )
    let logits = try dense(steps, width, letters.count, "logits", &graph)
    graph.outputs = [logits, try graph.apply1("Identity", [last], name: "h_next")]
    try write(
      task,
      ["main": graph].merging(encoder.map { ["encoder": $0] } ?? [:]) { $1 },
      roles: ["logits": "logits"],
      .init(
        tokens: "tokens",
        state: [.init(input: "h", output: "h_next")],
        start: Vocabulary.start,
        end: Vocabulary.end,
        sourceReversed: task == "translation",
        sourceLengthMax: task == "translation" ? 8 : nil,
        lengthMax: 10
      ),
      vocabularies: try task == "translation"
        ? [.source: letters.json(), .target: letters.json()] : [.target: letters.json()],
      preprocessing: task == "image-captioning"
        ? .init(image: .init(channels: 1, height: 2, width: 2)) : nil,
      in: root
    )
  }

  private static func sourceEncoder() throws -> Graph {
    var graph = Graph(name: "encoder")
    let tokens = try graph.placeholder("source", .int64, ["N", 8])
    let lengths = try graph.placeholder("source_lengths", .int32, ["N"])
    let (_, last) = try recurrent(
      embedded(tokens, letters.count, "embedding", &graph),
      width,
      lengths: lengths,
      "encoder",
      &graph
    )
    graph.outputs = [try graph.apply1("Identity", [last], name: "h")]
    return graph
  }

  private static func pictureEncoder() throws -> Graph {
    var graph = Graph(name: "encoder")
    let picture = try graph.placeholder("picture", .float32, ["N", 1, 2, 2])
    let flat = try graph.apply1("Flatten", [picture], name: "flat")
    let state = try dense(flat, 4, width, "dense", &graph)
    graph.outputs = [try graph.apply1("Tanh", [state], name: "h")]
    return graph
  }

  private static func writeLabeller(_ task: String, labels: [String], in root: String) throws {
    var graph = Graph(name: "main")
    let tokens = try graph.placeholder("tokens", .int64, ["N", "T"])
    let lengths = try graph.placeholder("lengths", .int32, ["N"])
    let (steps, last) = try recurrent(
      embedded(tokens, letters.count, "embedding", &graph),
      width,
      lengths: lengths,
      "reader",
      &graph
    )
    let source = task == "text-classification" ? last : steps
    graph.outputs = [try dense(source, width, labels.count, "logits", &graph)]
    try write(
      task,
      ["main": graph],
      roles: ["logits": "logits"],
      .init(tokens: "tokens", lengths: "lengths", lengthMax: 16),
      labels: labels,
      vocabularies: [.source: try letters.json()],
      in: root
    )
  }

  private static func writeForecaster(in root: String) throws {
    var graph = Graph(name: "main")
    let values = try graph.placeholder("values", .float32, ["N", "T", 1])
    let state = try graph.placeholder("h", .float32, ["N", .known(width)])
    let (steps, last) = try recurrent(values, 1, state: state, "decoder", &graph)
    let forecast = try dense(steps, width, 1, "forecast", &graph)
    graph.outputs = [forecast, try graph.apply1("Identity", [last], name: "h_next")]
    try write(
      "forecasting",
      ["main": graph],
      roles: ["forecast": "forecast"],
      .init(
        values: "values",
        state: [.init(input: "h", output: "h_next")],
        sourceLengthMax: 16,
        lengthMax: 8
      ),
      forecast: .init(mean: 5, scale: 2),
      in: root
    )
  }

  private static func write(
    _ name: String,
    _ graphs: [String: Graph],
    roles: [String: String],
    _ format: ModelManifest.SequenceFormat,
    labels: [String]? = nil,
    vocabularies: [ModelManifest.TextSide: [UInt8]] = [:],
    preprocessing: ModelManifest.Preprocessing? = nil,
    forecast: ModelManifest.ForecastFormat? = nil,
    in root: String
  ) throws {
    try FileAccess.createFolder("\(root)/\(name)")
    let manifest = ModelManifest(
      name: name,
      version: 1,
      task: name,
      signature: .init(of: graphs["main"] ?? Graph()),
      roles: roles,
      labels: labels,
      preprocessing: preprocessing,
      sequence: format,
      forecast: forecast
    )
    try ModelFolder.write(
      to: "\(root)/\(name)/1",
      manifest,
      graphs: graphs,
      vocabularies: vocabularies
    )
  }

  // MARK: - Layers

  /// Small numbers, the same for the same sizes.
  private static func weights(_ shape: [Int], _ name: String, _ graph: inout Graph) throws
    -> ValueID
  {
    var random = Philox(seed: UInt64(shape.reduce(7) { $0 * 31 + $1 }))
    let values = (0..<shape.reduce(1, *)).map { _ in random.uniform() - 0.5 }
    return try graph.constant(Tensor(values, Shape(shape)), name: name)
  }

  /// [N,T] to [N,T,width].
  private static func embedded(
    _ tokens: ValueID,
    _ count: Int,
    _ name: String,
    _ graph: inout Graph
  ) throws -> ValueID {
    let table = try weights([count, width], "\(name).weight", &graph)
    return try graph.apply1("Gather", [table, tokens], name: name)
  }

  private static func dense(
    _ input: ValueID,
    _ rows: Int,
    _ columns: Int,
    _ name: String,
    _ graph: inout Graph
  ) throws -> ValueID {
    let product = try graph.apply1(
      "MatMul",
      [input, weights([rows, columns], "\(name).weight", &graph)],
      name: "\(name).product"
    )
    let bias = try graph.constant(
      Tensor([Float](repeating: 0, count: columns), [columns]),
      name: "\(name).bias"
    )
    return try graph.apply1("Add", [product, bias], name: name)
  }

  /// A GRU over [N,T,I]: every state [N,T,width], and the last one [N,width].
  private static func recurrent(
    _ input: ValueID,
    _ inputSize: Int,
    state: ValueID? = nil,
    lengths: ValueID? = nil,
    _ name: String,
    _ graph: inout Graph
  ) throws -> (steps: ValueID, last: ValueID) {
    func axes(_ axis: Int64, _ name: String) throws -> ValueID {
      try graph.constant(Tensor(vector: [axis]), name: name)
    }
    let timeFirst = try graph.apply1(
      "Transpose",
      [input],
      ["perm": .ints([1, 0, 2])],
      name: "\(name).time_first"
    )
    let zero = try axes(0, "\(name).axis0")
    let one = try axes(1, "\(name).axis1")
    let initial = try state.map {
      try graph.apply1("Unsqueeze", [$0, zero], name: "\(name).initial")
    }
    let outputs = try graph.apply(
      "GRU",
      [
        timeFirst, weights([1, 3 * width, inputSize], "\(name).W", &graph),
        weights([1, 3 * width, width], "\(name).R", &graph), nil, lengths, initial,
      ],
      ["hidden_size": .int(width)],
      name: name,
      outputNames: ["\(name).Y", "\(name).Y_h"]
    )
    let steps = try graph.apply1("Squeeze", [outputs[0], one], name: "\(name).squeezed")
    let rows = try graph.apply1(
      "Transpose",
      [steps],
      ["perm": .ints([1, 0, 2])],
      name: "\(name).steps"
    )
    return (rows, try graph.apply1("Squeeze", [outputs[1], zero], name: "\(name).last"))
  }

  // MARK: - Examples

  /// A file from which the model of a task learns something, and its name.
  static func examples(_ task: SequenceTask) throws -> (name: String, content: [UInt8]) {
    var random = Philox(seed: 3)
    func word() -> String {
      let letters = (0..<Int(2 + random.uniform() * 4)).map { _ in
        "abcdefgh".unicodeScalars.map(String.init)[Int(random.uniform() * 7.99)]
      }
      return letters.joined()
    }
    func lines(_ count: Int, _ line: () -> String) -> [UInt8] {
      Array((0..<count).map { _ in line() + "\n" }.joined().utf8)
    }
    switch task {
    case .textGeneration:
      return ("train.txt", Array(String(repeating: "abcd efgh ", count: 200).utf8))
    case .translation:
      return (
        "train.tsv",
        lines(80) {
          let text = word()
          return "\(text)\t\(text.replacing("a", with: "b"))"
        }
      )
    case .textClassification:
      return (
        "train.jsonl",
        lines(80) {
          let text = word()
          return #"{"text": "\#(text)", "label": "\#(text.count % 2 == 0 ? "even" : "odd")"}"#
        }
      )
    case .tokenClassification:
      return (
        "train.txt",
        lines(60) {
          word().map { "\($0) \($0 < "e" ? "low" : "high")" }.joined(separator: "\n") + "\n"
        }
      )
    case .forecasting:
      var month = 0
      return (
        "train.csv",
        Array("time,value\n".utf8)
          + lines(120) {
            month += 1
            return "\(month),\([4, 5, 7, 6][month % 4])"
          }
      )
    case .imageCaptioning:
      return ("train.tar", try captionedPictures())
    }
  }

  /// Light and dark pictures that are called so.
  private static func captionedPictures() throws -> [UInt8] {
    var archive: [UInt8] = []
    for index in 0..<24 {
      let isLight = index % 2 == 0
      let level = UInt8(isLight ? 200 + index : 10 + index)
      let image = try Image(
        width: 2,
        height: 2,
        channels: 1,
        pixels: [UInt8](repeating: level, count: 4)
      )
      let files = [
        ("p\(index).png", try PNG.encode(image)),
        ("p\(index).txt", Array((isLight ? "bad\nbag\n" : "cafe\n").utf8)),
      ]
      for (name, bytes) in files {
        archive += try TarWriter.header(name, byteCount: bytes.count)
        archive += bytes + TarWriter.padding(after: bytes.count)
      }
    }
    return archive + TarWriter.end
  }
}
