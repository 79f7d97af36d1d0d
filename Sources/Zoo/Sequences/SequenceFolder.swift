import Datasets
import Engine
import GraphIR
import ONNXFormat
import Storage
import Tensors

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Writes a trained sequence model as a version of the model repository.
struct SequenceFolder {
  var task: SequenceTask
  /// The decoder, or the network that labels.
  var main: Graph
  var encoder: Graph?
  var format: ModelManifest.SequenceFormat
  var vocabularies: [ModelManifest.TextSide: Vocabulary] = [:]
  var labels: [String]?
  var image: ImagePreprocessing?
  var forecast: ModelManifest.ForecastFormat?
  var training: ModelManifest.TrainingRecord
  var metrics: [String: Double]
  var description: String
  /// Inputs of one example by name, of the encoder where there is one; what `main` makes of it is kept as `golden.npz`.
  ///
  /// States that are not given start as zeros; a decoder with an encoder reads the start token.
  var examples: [String: Tensor]

  /// Writes graphs, vocabularies, `model.json` and `golden.npz`.
  ///
  /// - Throws: `FormatError` where the folder exists, its path does not end in `<name>/<version>`, or the model is not what its
  ///   task needs.
  func write(to path: String) throws {
    let place = try VersionPath(path)
    try place.createParents()
    let output = task == .forecasting ? "forecast" : "logits"
    var manifest = ModelManifest(
      name: place.name,
      version: place.version,
      task: task.rawValue,
      signature: ModelManifest.Signature(of: main),
      roles: [output: output]
    )
    manifest.sequence = format
    manifest.labels = labels
    manifest.preprocessing = image.map { ModelManifest.Preprocessing(image: $0) }
    manifest.forecast = forecast
    manifest.training = training
    manifest.metrics = metrics
    manifest.created = Date().formatted(.iso8601)
    manifest.description = description
    var graphs = ["main": main]
    graphs["encoder"] = encoder
    try ModelFolder.write(
      to: path,
      manifest,
      graphs: graphs,
      vocabularies: try vocabularies.mapValues { try $0.json() },
      golden: try golden()
    )
  }

  private func golden() throws -> ModelFolder.Golden {
    var examples = examples
    if let encoder {
      for (name, tensor) in try Self.run(encoder, examples).outputs { examples[name] = tensor }
      examples["tokens"] = Tensor([Int64(format.start ?? Vocabulary.start)], [1, 1])
    }
    for state in format.state where examples[state.input] == nil {
      let input = main.inputs.first { main[$0].name == state.input }
      let sizes = input.flatMap { main[$0].type.shape.dimensions }?.dropFirst() ?? []
      examples[state.input] = Tensor(zeros: .float32, Shape([1] + sizes.map { $0.size ?? 1 }))
    }
    let (inputs, outputs) = try Self.run(main, examples)
    return ModelFolder.Golden(
      inputs: inputs.map { NPZ.Entry($0.name, $0.tensor) },
      outputs: outputs.map { NPZ.Entry($0.name, $0.tensor) }
    )
  }

  private typealias Named = (name: String, tensor: Tensor)

  /// Runs a graph on the tensors that are named like its inputs.
  private static func run(
    _ graph: Graph,
    _ examples: [String: Tensor]
  ) throws -> (inputs: [Named], outputs: [Named]) {
    let inputs = try graph.inputs.map { id -> Named in
      guard let tensor = examples[graph[id].name] else {
        throw FormatError("model folder", "no example for input \(graph[id].name)")
      }
      return (graph[id].name, tensor)
    }
    let feeds = Dictionary(uniqueKeysWithValues: zip(graph.inputs, inputs.map(\.tensor)))
    let answers = try Session(graph).run(graph.outputs, feeds: feeds)
    return (inputs, zip(graph.outputs, answers).map { (graph[$0].name, $1) })
  }
}
