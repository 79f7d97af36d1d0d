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
  /// Writes `model.onnx`, `model.json` and `golden.npz` with the answers to `examples`, and the picture of a curve.
  ///
  /// - Throws: `FormatError` where the folder exists or its path does not end in `<name>/<version>`.
  static func write(
    to path: String,
    graph: Graph,
    labels: [String],
    image: ImagePreprocessing? = nil,
    training: ModelManifest.TrainingRecord,
    metrics: [String: Double],
    description: String,
    examples: Tensor,
    reinforcement: ModelManifest.ReinforcementFormat? = nil,
    curve: LearningCurve? = nil
  ) throws {
    let place = try VersionPath(path)
    try place.createParents()
    var manifest = ModelManifest(
      name: place.name,
      version: place.version,
      task: "classification",
      signature: ModelManifest.Signature(of: graph),
      roles: ["logits": "logits", "probabilities": "probabilities"]
    )
    manifest.labels = labels
    manifest.preprocessing = image.map { ModelManifest.Preprocessing(image: $0) }
    manifest.reinforcement = reinforcement
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
    var pictures: [String: [UInt8]] = [:]
    if let curve { pictures[LearningCurve.pictureName] = Array(curve.svg.utf8) }
    try ModelFolder.write(
      to: path,
      manifest,
      graphs: ["main": graph],
      golden: golden,
      pictures: pictures
    )
  }
}
