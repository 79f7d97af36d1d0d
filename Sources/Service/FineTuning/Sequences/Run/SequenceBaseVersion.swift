import Datasets
import GraphIR
import ONNXFormat
import Storage
import Training

/// A version of a sequence model as a training sees it: its graphs joined, with variables for weights, and its vocabularies.
struct SequenceBaseVersion {
  let name: String
  let number: Int
  let manifest: ModelManifest
  let task: SequenceTask
  let format: ModelManifest.SequenceFormat
  /// SHA-256 of graph `main`, lower-case hexadecimal.
  let digest: String
  /// The files of the vocabularies: the new version has the same.
  let vocabularies: [ModelManifest.TextSide: [UInt8]]
  let network: SequenceNetwork
  let schema: SequenceExampleSchema

  /// Whether a version is one of a sequence model; false for a bare .onnx file and where its model.json cannot be read.
  static func isOne(_ path: String) -> Bool {
    guard !path.hasSuffix(".onnx"), let folder = try? ModelFolder.open(path) else { return false }
    return folder.manifest.sequenceTask != nil
  }

  /// Reads a version's files.
  ///
  /// - Parameters:
  ///   - name: of its model.
  ///   - number: its version.
  ///   - path: its folder.
  /// - Throws: `FormatError` for damaged files, `FineTuningError` for graphs that training cannot start from, `GraphError`.
  init(name: String, number: Int, path: String) throws {
    let folder = try ModelFolder.open(path)
    let manifest = folder.manifest
    guard let task = manifest.sequenceTask, let format = manifest.sequence else {
      throw FineTuningError.model("its model.json describes no sequences")
    }
    self.name = name
    self.number = number
    self.manifest = manifest
    self.task = task
    self.format = format
    let bytes = try folder.graphBytes()
    digest = SHA256.hexDigest(of: bytes)
    vocabularies = try folder.vocabularies()
    let encoder =
      task.hasEncoder
      ? try ONNXReader.graph(
        from: folder.graphBytes(SequenceNetwork.Role.encoder),
        initializersAs: .trainableVariables
      ) : nil
    network = try SequenceNetwork(
      encoder: encoder,
      main: try ONNXReader.graph(from: bytes, initializersAs: .trainableVariables),
      SequenceNetwork.Format(
        input: format.values ?? format.tokens ?? "",
        lengths: format.lengths,
        states: format.state.map(\.input),
        contexts: format.context,
        output: manifest.roles[task == .forecasting ? "forecast" : "logits"] ?? ""
      )
    )
    schema = SequenceExampleSchema(
      task: task,
      format: format,
      source: try folder.vocabulary(.source),
      target: try folder.vocabulary(.target),
      labels: manifest.labels ?? [],
      image: manifest.preprocessing?.image,
      forecast: manifest.forecast
    )
  }

  /// What it learns.
  var objective: SequenceObjective {
    switch task {
    case .textGeneration, .translation, .imageCaptioning, .tokenClassification: .tokens
    case .textClassification: .classes
    case .forecasting: .values
    }
  }

  /// Whether another version can be measured on the same examples: it reads and writes the same tokens and labels.
  func isComparable(with other: SequenceBaseVersion) -> Bool {
    task == other.task && vocabularies == other.vocabularies
      && manifest.labels == other.manifest.labels
      && format == other.format && manifest.forecast?.mean == other.manifest.forecast?.mean
      && manifest.forecast?.scale == other.manifest.forecast?.scale
  }
}

extension ModelRepository {
  /// Reads a version of a sequence model for a training.
  ///
  /// - Throws: As `path`, and as `SequenceBaseVersion.init`.
  func sequenceBaseVersion(_ name: String, _ number: Int) throws -> SequenceBaseVersion {
    try SequenceBaseVersion(name: name, number: number, path: try path(of: name, number))
  }
}
