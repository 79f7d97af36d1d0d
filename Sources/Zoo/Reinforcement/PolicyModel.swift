import GraphIR
import ONNXFormat
import Reinforcement
import Tensors

/// A trained policy as a model: a classifier of observations whose classes are the actions.
struct PolicyModel {
  let network: PolicyNetwork
  let weights: [String: Tensor]
  let environment: any Environment
  let discount: Double
  let record: ModelManifest.TrainingRecord
  let metrics: [String: Double]
  let description: String
  let curve: LearningCurve

  /// Observations whose answers are kept as `golden.npz`.
  private static let exampleCount = 8

  /// Writes the version's folder.
  ///
  /// - Throws: `FormatError` where the folder exists or its path does not end in `<name>/<version>`.
  func write(to path: String) throws {
    let specification = environment.specification
    var format = ModelManifest.ReinforcementFormat(
      environment: specification.name,
      discount: discount
    )
    if case .box(_, _, _, let fields) = specification.observation, !fields.isEmpty {
      format.fields = fields
    }
    try ClassifierFolder.write(
      to: path,
      graph: network.servingGraph(weights: weights),
      labels: specification.actions,
      training: record,
      metrics: metrics,
      description: description,
      examples: examples,
      reinforcement: format,
      curve: curve
    )
  }

  /// What random play sees, [N, D].
  private var examples: Tensor {
    var environment = environment
    var policy = RandomPolicy(actionCount: network.actionCount, seed: 0)
    environment.reset(seed: 0)
    var rows: [Float] = []
    for _ in 0..<Self.exampleCount {
      let observation = environment.observation
      rows += observation
      let action = observation.withUnsafeBufferPointer { policy.action(for: $0) }
      if environment.step(action).isEnd { environment.reset(seed: nil) }
    }
    return Tensor(rows, [Self.exampleCount, network.observationSize])
  }
}
