package import GraphIR
package import Tensors
import Training

/// A graph that values actions: `observation` [N, ...] to `q_values` [N, A].
///
/// Its weights are variables: built with `QNetworkArchitecture`, or read from a file (`ONNXReader` reads weights so on request). It is
/// used as it is served: dropout does not drop, batch normalisation has its running statistics.
package struct QNetwork: Sendable {
  /// The graph as it is served and written back.
  package let source: Graph
  /// The same graph for any number of rows; values have the same names.
  package let graph: Graph
  /// The one input, in `graph`: float32, or int64 [N] where states have numbers.
  package let observation: ValueID
  /// The actions' values [N, A], in `graph`.
  package let values: ValueID
  package let actionCount: Int

  /// The name of the values among the outputs, where none is given.
  package static let valuesName = "q_values"

  /// Looks a graph over.
  ///
  /// - Parameters:
  ///   - graph: with variables for weights.
  ///   - name: of the value that holds the Q-values; `q_values`, or the only output, when `nil`.
  /// - Throws: `ReinforcementError.network` for a graph with another signature; `FineTuningError.model` for one with a fixed batch that it
  ///   cannot be freed from.
  package init(_ graph: Graph, values name: String? = nil) throws {
    guard graph.inputs.count == 1 else {
      let names = graph.inputs.map { graph[$0].name }.joined(separator: ", ")
      throw ReinforcementError.network("it has inputs \(names); expected one, the observation")
    }
    source = graph
    let freed: Graph
    if graph[graph.inputs[0]].type.dtype == .float32 {
      freed = try BatchDimension.freed(graph, input: graph.inputs[0])
    } else {
      freed = graph
    }
    self.graph = freed
    observation = freed.inputs[0]
    let type = freed[observation].type
    guard let rank = type.shape.rank, rank >= 1,
      type.dtype == .float32 || type.dtype == .int64 && rank == 1
    else {
      throw ReinforcementError.network(
        "its input \(freed[observation].name) is \(type); expected float32 [N, ...] or int64 [N]"
      )
    }
    values = try Self.values(of: freed, name: name)
    guard let dimensions = freed[values].type.shape.dimensions, dimensions.count == 2,
      freed[values].type.dtype == .float32, let count = dimensions[1].size, count >= 1
    else {
      throw ReinforcementError.network(
        "\(freed[values].name) is \(freed[values].type); expected float32 [N, actions]"
      )
    }
    actionCount = count
    guard freed.trainableVariables.contains(where: { freed[$0].type.dtype == .float32 }) else {
      throw ReinforcementError.network("it has no float32 weights that training could change")
    }
  }

  /// The shape of one observation, as far as the graph says it.
  package var observationShape: PartialShape {
    PartialShape(graph[observation].type.shape.dimensions.map { Array($0.dropFirst()) })
  }

  /// The variables that training changes, in `graph`.
  package var trainedVariables: [ValueID] {
    graph.trainableVariables.filter { graph[$0].type.dtype == .float32 }
  }

  /// The graph with trained weights as constants, ready to be written and served.
  ///
  /// - Parameter weights: by name of variable; others keep their values.
  /// - Returns: the graph, without variables.
  /// - Throws: `GraphError.invalid` for a tensor of another type or shape.
  package func servingGraph(weights: [String: Tensor]) throws(GraphError) -> Graph {
    try source.frozen(weights: weights)
  }

  private static func values(of graph: Graph, name: String?) throws -> ValueID {
    if let name {
      guard let value = graph.value(named: name) else {
        throw ReinforcementError.network("there is no value '\(name)' for its Q-values")
      }
      return value
    }
    if let value = graph.value(named: valuesName), graph.outputs.contains(value) { return value }
    guard graph.outputs.count == 1 else {
      let names = graph.outputs.map { graph[$0].name }.joined(separator: ", ")
      throw ReinforcementError.network("which of its outputs (\(names)) holds the Q-values?")
    }
    return graph.outputs[0]
  }
}
