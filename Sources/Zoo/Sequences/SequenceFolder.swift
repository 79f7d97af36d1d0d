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
  /// Inputs of `main` by name, to which its answers are kept as `golden.npz`.
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
    var feeds: [ValueID: Tensor] = [:]
    var inputs: [NPZ.Entry] = []
    for input in main.inputs {
      guard let tensor = examples[main[input].name] else {
        throw FormatError("model folder", "no example for input \(main[input].name)")
      }
      feeds[input] = tensor
      inputs.append(NPZ.Entry(main[input].name, tensor))
    }
    let answers = try Session(main).run(main.outputs, feeds: feeds)
    return ModelFolder.Golden(
      inputs: inputs,
      outputs: zip(main.outputs, answers).map { NPZ.Entry(main[$0].name, $1) }
    )
  }
}
