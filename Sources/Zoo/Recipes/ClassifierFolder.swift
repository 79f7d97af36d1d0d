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

/// Writes a trained classifier as a version of the model repository.
enum ClassifierFolder {
  /// Writes `model.onnx`, `model.json` and `golden.npz` with the answers to `examples`.
  ///
  /// - Throws: `FormatError` where the folder exists or its path does not end in `<name>/<version>`.
  static func write(
    to path: String,
    graph: Graph,
    labels: [String],
    image: ImagePreprocessing,
    training: ModelManifest.TrainingRecord,
    metrics: [String: Double],
    description: String,
    examples: Tensor
  ) throws {
    let parts = path.split(separator: "/").map(String.init)
    guard parts.count >= 2, let version = Int(parts[parts.count - 1]), version > 0 else {
      throw FormatError(
        "model folder",
        "\(path) does not end in <name>/<version>, as models/mnist-mlp/1 does"
      )
    }
    let parent = (path.hasPrefix("/") ? "/" : "./") + parts.dropLast().joined(separator: "/")
    try FileAccess.createFolders(parent)
    var manifest = ModelManifest(
      name: parts[parts.count - 2],
      version: version,
      task: "classification",
      signature: ModelManifest.Signature(of: graph),
      roles: ["logits": "logits", "probabilities": "probabilities"]
    )
    manifest.labels = labels
    manifest.preprocessing = ModelManifest.Preprocessing(image: image)
    manifest.training = training
    manifest.metrics = metrics
    manifest.created = Date().formatted(.iso8601)
    manifest.description = description

    let session = try Session(graph)
    let answers = try session.run(graph.outputs, feeds: [graph.inputs[0]: examples])
    let golden = ModelFolder.Golden(
      inputs: [NPZ.Entry(graph[graph.inputs[0]].name, examples)],
      outputs: zip(graph.outputs, answers).map { NPZ.Entry(graph[$0].name, $1) }
    )
    try ModelFolder.write(to: path, manifest, graphs: ["main": graph], golden: golden)
  }
}
