import Engine
import GraphIR
import Reinforcement
import Tensors

/// Plays with a graph that values actions, always the best one.
final class GreedyPlayer {
  private let session: Session
  private let run: PreparedRun
  private let input: UnsafeMutableRawBufferPointer

  /// - Parameter graph: as it is served, with the one input `observation` and an output `q_values`.
  /// - Throws: `GraphError` for another graph; what the engine throws.
  init(_ graph: Graph) throws {
    guard let observation = graph.inputs.first,
      let values = graph.value(named: QNetwork.valuesName),
      let dimensions = graph[observation].type.shape.dimensions
    else { throw GraphError.unknownValue(QNetwork.valuesName) }
    session = try Session(graph)
    let row = Shape([1] + dimensions.dropFirst().map { $0.size ?? 1 })
    run = try session.prepare([values], inputShapes: [observation: row])
    input = run.input(observation)
  }

  /// The action of the largest value; the first of equal ones.
  func action(_ observation: UnsafeBufferPointer<Float>) throws -> Int {
    input.copyMemory(from: UnsafeRawBufferPointer(observation))
    try run.execute()
    return ActionRow(values: run.output(0).assumingMemoryBound(to: Float.self)).greedyAction
  }
}
