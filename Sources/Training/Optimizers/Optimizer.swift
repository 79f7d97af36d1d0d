package import GraphIR
import Tensors

/// A variable with its gradient, ready for an update.
package struct TrainedParameter: Sendable {
  package var variable: ValueID
  package var gradient: ValueID
  /// Weight decay applies: a weight, not a bias.
  package var isDecayed: Bool

  package init(variable: ValueID, gradient: ValueID, isDecayed: Bool) {
    self.variable = variable
    self.gradient = gradient
    self.isDecayed = isDecayed
  }
}

/// Changes variables along their gradients: adds the nodes of one step to a graph.
///
/// State lives in variables that training does not change by gradient, named `<optimizer>/<variable>/<letter>`, so it is saved with
/// everything else.
package protocol Optimizer: Sendable {
  /// Lower case, the first part of the state's names.
  var name: String { get }

  /// Adds one update for each parameter and returns the values to compute so that the step happens.
  ///
  /// `rate` is the learning rate, a float32 scalar; `scale`, where there is one, multiplies all gradients first (clipping by global
  /// norm).
  ///
  /// - Throws: `GraphError` where a gradient does not fit its variable.
  func addUpdates(
    of parameters: [TrainedParameter],
    rate: ValueID,
    scale: ValueID?,
    to graph: inout Graph
  ) throws(GraphError) -> [ValueID]
}

extension Optimizer {
  /// A state variable of zeros in the shape of a variable.
  func state(
    _ letter: String,
    for variable: ValueID,
    in graph: inout Graph
  ) throws(GraphError) -> ValueID {
    let value = graph[variable]
    guard let shape = value.type.shape.concrete else {
      throw .invalid("\(value.name) (\(value.type)) is not a variable")
    }
    return try graph.variable(
      "\(name)/\(value.name)/\(letter)",
      Tensor(zeros: value.type.dtype, shape),
      trainable: false
    )
  }

  /// Adds an update node and returns its first output.
  func update(
    _ op: String,
    _ inputs: [ValueID?],
    _ scale: ValueID?,
    _ attributes: [String: Attribute],
    in graph: inout Graph
  ) throws(GraphError) -> ValueID {
    let operands = scale.map { inputs + [$0] } ?? inputs
    guard case .some(let result)? = try graph.apply(.martlet(op), operands, attributes).first
    else { throw .invalid("\(op) has no output") }
    return result
  }
}
