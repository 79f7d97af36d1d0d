package import GraphIR
import Tensors

/// Zeros each element with probability `rate` in training and divides the others by 1 - rate.
///
/// So the expectation stays (Srivastava and others 2014, inverted). Any shape, kept. An inference graph does not hold it at all.
package struct Dropout: Sendable {
  package var rate: Float

  package init(_ rate: Float) { self.rate = rate }

  /// Adds the layer.
  ///
  /// - Throws: `GraphError.invalid` for a rate outside of [0, 1).
  package func callAsFunction(
    _ x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    guard rate >= 0, rate < 1 else { throw .invalid("dropout rate \(rate) is not in [0, 1)") }
    guard context.mode == .training, rate > 0 else { return x }
    let ratio = try context.scalar(rate)
    let training = try context.graph.constant(Tensor(scalar: true))
    let outputs = try context.graph.apply(
      "Dropout",
      [x, ratio, training],
      name: context.graph.freshName(context.scopedName("Dropout")),
      outputCount: 2
    )
    guard case .some(let y) = outputs[0] else { throw .invalid("Dropout has no output") }
    return y
  }
}
