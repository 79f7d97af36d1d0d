import GraphIR
import NN
import Tensors
import Training

extension LayerContext {
  /// Gives every variable of the graph its trained value.
  ///
  /// - Throws: `TrainingError.checkpoint` for a variable without a value, `GraphError` for one of another shape.
  mutating func load(_ weights: [String: Tensor]) throws {
    for variable in graph.variables {
      let name = graph[variable].name
      guard let value = weights[name] else {
        throw TrainingError.checkpoint("no weights for \(name)")
      }
      try graph.setInitialValue(of: variable, to: value)
    }
  }
}
