import GraphIR
import HTTP
import ONNXFormat
import Reinforcement
import Storage
import Training

/// A version of a model of Q-values as a training sees it: its graph with variables for weights, and what model.json says.
struct AgentBaseVersion {
  let name: String
  let number: Int
  let manifest: ModelManifest
  let format: QValueFormat
  /// SHA-256 of model.onnx, lower-case hexadecimal.
  let digest: String
  let network: QNetwork

  /// Whether a version is one of a model of Q-values; false for a bare .onnx file and where its model.json cannot be read.
  static func isOne(_ path: String) -> Bool {
    guard !path.hasSuffix(".onnx"), let folder = try? ModelFolder.open(path) else { return false }
    return folder.manifest.isQValueModel
  }

  /// Reads a version's files.
  ///
  /// - Parameters:
  ///   - name: of its model.
  ///   - number: its version.
  ///   - path: its folder.
  /// - Throws: `FormatError` for damaged files; `ServiceError`, `ReinforcementError` or `FineTuningError` for a graph that training
  ///   cannot start from.
  init(name: String, number: Int, path: String) throws {
    let folder = try ModelFolder.open(path)
    guard folder.manifest.isQValueModel else {
      throw FineTuningError.model("its task is \(folder.manifest.task), not q-values")
    }
    self.name = name
    self.number = number
    manifest = folder.manifest
    let bytes = try folder.graphBytes()
    digest = SHA256.hexDigest(of: bytes)
    let graph = try ONNXReader.graph(from: bytes, initializersAs: .trainableVariables)
    let signature = try CheckpointLoader().signature(of: graph, manifest)
    format = try QValueFormat(manifest, signature, stateCount: graph.stateCount)
    network = try QNetwork(graph, values: manifest.roles["q_values"])
  }

  /// Where its policy can be tried; nil where model.json names no environment, or one that this server does not know or that shows or
  /// takes something else.
  var environment: (any Environment)? {
    guard let name = format.training.environment,
      let environment = try? Environments.named(name)
    else { return nil }
    let specification = environment.specification
    let isDiscrete = if case .discrete = specification.observation { true } else { false }
    guard specification.observation.count == format.count,
      isDiscrete == (format.states != nil), specification.actions.count == format.actions.count
    else { return nil }
    return environment
  }
}

extension ModelRepository {
  /// Reads a version of a model of Q-values for a training.
  ///
  /// - Throws: As `path`, and as `AgentBaseVersion.init`.
  func agentBaseVersion(_ name: String, _ number: Int) throws -> AgentBaseVersion {
    try AgentBaseVersion(name: name, number: number, path: try path(of: name, number))
  }
}
