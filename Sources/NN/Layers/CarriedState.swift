package import GraphIR
import Tensors

/// State of a recurrent network that goes on from one batch to the next, for truncated back-propagation through time.
///
/// It lives in a variable that is not trained: part of a checkpoint, like all variables. Gradients end at it. Row n belongs to stream n.
package struct CarriedState: Sendable {
  /// What the batch starts from, [N, H]: the state after the batch before it, or zeros for streams that begin anew.
  package let initial: ValueID
  private let variable: ValueID

  /// Adds the variable; `keep` is float32 [N], 1 for streams that go on and 0 for those that begin anew.
  ///
  /// - Throws: `GraphError` where the name is taken or `keep` has another shape.
  package init(
    _ name: String,
    streams: Int,
    size: Int,
    keep: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) {
    variable = try context.variable(name, [streams, size], .zeros, isTrainable: false)
    let column = try context.apply("Unsqueeze", keep, context.vector([1]))
    initial = try context.apply("Mul", variable, column)
  }

  /// Keeps the state after the batch, [N, H], for the next one.
  package func carry(_ final: ValueID, in context: inout LayerContext) throws(GraphError) {
    try context.update(variable, to: final)
  }
}
