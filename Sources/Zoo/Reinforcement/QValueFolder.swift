import Engine
import GraphIR
import ONNXFormat
import Reinforcement
import Tensors

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Writes a graph that values actions as a version of the model repository, of task `q-values`.
struct QValueFolder {
  /// One input, the observation; an output `q_values`, and of a dueling network `state_value` and `advantage`.
  var graph: Graph
  /// Where it was trained: its name, fields, bounds and actions are told to clients.
  var environment: EnvironmentSpecification
  /// gamma.
  var discount: Double
  /// n of n-step returns.
  var steps = 1
  var training: ModelManifest.TrainingRecord
  var metrics: [String: Double]
  var description: String
  var curve: LearningCurve?
  /// A few observations; what the graph makes of them is kept as `golden.npz`.
  var examples: Tensor

  private static let roles = ["q_values", "state_value", "advantage"]

  /// Writes `model.onnx`, `model.json` and `golden.npz`, and the picture of a curve.
  ///
  /// - Throws: `FormatError` where the folder exists, its path does not end in `<name>/<version>`, or the graph is not as the task
  ///   needs it; what the engine throws.
  func write(to path: String) throws {
    let place = try VersionPath(path)
    try place.createParents()
    let outputs = graph.outputs.map { graph[$0].name }
    var manifest = ModelManifest(
      name: place.name,
      version: place.version,
      task: ModelManifest.qValueTask,
      signature: ModelManifest.Signature(of: graph),
      roles: Dictionary(
        uniqueKeysWithValues: Self.roles.filter(outputs.contains).map { ($0, $0) }
      )
    )
    manifest.labels = environment.actions
    manifest.reinforcement = format
    manifest.training = training
    manifest.metrics = metrics
    manifest.created = Date().formatted(.iso8601)
    manifest.description = description
    let answers = try Session(graph).run(graph.outputs, feeds: [graph.inputs[0]: examples])
    let golden = ModelFolder.Golden(
      inputs: [NPZ.Entry(graph[graph.inputs[0]].name, examples)],
      outputs: zip(outputs, answers).map { NPZ.Entry($0, $1) }
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

  /// Bounds are told where the numbers of an observation have names, or where it is a state's number.
  private var format: ModelManifest.ReinforcementFormat {
    var format = ModelManifest.ReinforcementFormat(
      environment: environment.name,
      discount: discount,
      steps: steps
    )
    switch environment.observation {
    case .box(_, let low, let high, let fields) where !fields.isEmpty:
      format.fields = fields
      format.low = low.map { $0.isFinite ? Double($0) : nil }
      format.high = high.map { $0.isFinite ? Double($0) : nil }
    case .box: break
    case .discrete(let count):
      format.low = [0]
      format.high = [Double(count - 1)]
    }
    return format
  }
}
