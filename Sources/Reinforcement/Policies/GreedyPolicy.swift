import Engine
package import GraphIR
import Tensors

/// Takes the action that a served graph scores highest: the greatest Q-value, or the most probable one.
package final class GreedyPolicy: Policy {
  private let run: PreparedRun
  /// Owns the memory of `run`.
  private let session: Session
  private let input: UnsafeMutableRawBufferPointer
  private let isDiscrete: Bool

  /// - Parameters:
  ///   - graph: one input, float32 [N, ...] or a state's number, int64 [N].
  ///   - scores: the name of an output [N, A].
  ///   - specification: of the environment to be played.
  /// - Throws: `ReinforcementError.environment` where graph and environment do not fit; what the engine throws.
  package init(_ graph: Graph, scores: String, for specification: EnvironmentSpecification) throws {
    guard graph.inputs.count == 1, let output = graph.value(named: scores),
      let dimensions = graph[graph.inputs[0]].type.shape.dimensions
    else {
      throw ReinforcementError.environment(
        "a model that plays has one input of known rank and an output '\(scores)'; this one has \(graph.inputs.count) inputs"
      )
    }
    let observation = graph.inputs[0]
    let type = graph[observation].type
    let sizes = dimensions.dropFirst().map { $0.size ?? 0 }
    isDiscrete = type.dtype == .int64
    guard type.dtype == .float32 || isDiscrete && sizes.isEmpty,
      sizes.reduce(1, *) == specification.observation.count
    else {
      throw ReinforcementError.environment(
        "the model reads \(type), \(specification.name) shows \(specification.observation.count) numbers"
      )
    }
    session = try Session(graph)
    run = try session.prepare([output], inputShapes: [observation: Shape([1] + sizes)])
    guard run.outputShapes[0].elementCount == specification.actions.count else {
      throw ReinforcementError.environment(
        "the model's \(scores) are \(run.outputShapes[0]), \(specification.name) has \(specification.actions.count) actions"
      )
    }
    input = run.input(observation)
  }

  package func action(for observation: UnsafeBufferPointer<Float>) throws -> Int {
    if isDiscrete {
      input.storeBytes(of: Int64(observation[0]), as: Int64.self)
    } else {
      input.copyMemory(from: UnsafeRawBufferPointer(observation))
    }
    try run.execute()
    let scores = run.output(0).assumingMemoryBound(to: Float.self)
    return ActionRow(values: scores).greedyAction
  }
}
