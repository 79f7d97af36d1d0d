package import GraphIR
import Tensors

/// Which steps of padded sequences count: mask[n, t] = 1 where t < lengths[n], else 0.
package struct SequenceMask: Sendable {
  package init() {}

  /// Adds the mask [N, T] (float32) for sequences x [N, T, ...] or [N, T] whose lengths are an integer vector [N].
  package func callAsFunction(
    _ lengths: ValueID,
    like x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    let inside = try context.apply(
      "Less",
      context.positions(of: x),
      context.column(of: lengths)
    )
    return try context.floats(inside)
  }
}

extension LayerContext {
  /// The numbers of the time steps of x [N, T, ...] as float32 [T], 0 for the first: exact up to 2^24 and constant in a plan.
  mutating func positions(of x: ValueID) throws(GraphError) -> ValueID {
    let count = try apply("Squeeze", floats(sizeVector(of: x, axis: 1)))
    return try apply("Range", scalar(0), count, scalar(1))
  }

  /// Integers [N] as float32 [N, 1].
  mutating func column(of lengths: ValueID) throws(GraphError) -> ValueID {
    try apply("Unsqueeze", floats(lengths), vector([1]))
  }

  /// The elements as float32; truth values become 0 and 1.
  mutating func floats(_ value: ValueID) throws(GraphError) -> ValueID {
    try apply("Cast", value, attributes: ["to": .int(DType.float32.onnxCode)])
  }
}
