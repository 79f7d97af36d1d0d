package import GraphIR

/// One vector for a whole sequence: x [N, T, F] and lengths [N] to [N, F].
///
/// Steps behind a sequence's end do not count; a sequence of length 0 gives zeros.
package enum TimePooling: Sendable, Hashable {
  /// The step lengths[n] - 1.
  case last
  case mean
  case max

  /// Adds the layer.
  ///
  /// `lengths` is an integer vector [N]; without it all steps count.
  package func callAsFunction(
    _ x: ValueID,
    lengths: ValueID? = nil,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    let length: ValueID
    if let lengths {
      length = try context.column(of: lengths)
    } else {
      length = try context.floats(context.sizeVector(of: x, axis: 1))
    }
    switch self {
    case .last:
      let last = try context.apply("Sub", length, context.scalar(1))
      let isLast = try context.apply("Equal", context.positions(of: x), last)
      return try weightedSum(x, context.floats(isLast), in: &context)
    case .mean:
      let inside = try context.apply("Less", context.positions(of: x), length)
      let total = try weightedSum(x, context.floats(inside), in: &context)
      return try context.apply("Div", total, context.apply("Max", length, context.scalar(1)))
    case .max:
      let inside = try context.apply("Less", context.positions(of: x), length)
      let kept = try context.apply(
        "Where",
        context.apply("Unsqueeze", inside, context.vector([-1])),
        x,
        context.scalar(-.greatestFiniteMagnitude)
      )
      let largest = try context.apply(
        "ReduceMax",
        kept,
        context.vector([1]),
        attributes: ["keepdims": .int(0)]
      )
      let isEmpty = try context.apply("Less", length, context.scalar(1))
      return try context.apply("Where", isEmpty, context.scalar(0), largest)
    }
  }

  /// The sum over t of weights[n, t] x[n, t]; weights [N, T], or [T] for all sequences alike.
  private func weightedSum(
    _ x: ValueID,
    _ weights: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    let row = try context.apply("Unsqueeze", weights, context.vector([-2]))
    let sum = try context.apply("MatMul", row, x)
    return try context.apply("Squeeze", sum, context.vector([1]))
  }
}
