import GraphIR
import Tensors

extension GradientRules {
  static let reductions: [OperatorName: GradientRule] = [
    "ReduceSum": reduction { c, _, _, dy throws(GraphError) in dy },
    "ReduceMean": reduction { c, x, y, dy throws(GraphError) in
      try c.divide(dy, elementsReduced(&c, x, y))
    },
    "ReduceSumSquare": reduction { c, x, _, dy throws(GraphError) in
      try c.multiply(dy, c.multiply(x, 2))
    },
    "ReduceL1": reduction { c, x, _, dy throws(GraphError) in
      try c.multiply(dy, c.apply("Sign", x))
    },
    "ReduceL2": reduction { c, x, y, dy throws(GraphError) in
      // x / y; 0 for a vector of zeros, as the subgradient of smallest norm.
      let isZero = try c.apply("Equal", y, c.scalar(0, like: y))
      let safe = try c.apply("Where", isZero, c.scalar(1, like: y), y)
      return try c.multiply(x, c.divide(dy, safe))
    },
    "ReduceLogSum": reduction { c, _, y, dy throws(GraphError) in
      try c.multiply(dy, c.apply("Exp", c.negate(y)))
    },
    "ReduceLogSumExp": reduction { c, x, y, dy throws(GraphError) in
      try c.multiply(dy, c.apply("Exp", c.subtract(x, y)))
    },
    "ReduceMax": reduction(extreme),
    "ReduceMin": reduction(extreme),
    "ReduceProd": reduction(product),
    "CumSum": cumulativeSum,
  ]

  /// What one reduction adds: from x, and y and dy with the reduced dimensions kept as 1, a gradient that expands to x's shape.
  private typealias ReductionGradient =
    @Sendable (inout GradientContext, ValueID, ValueID, ValueID) throws(GraphError) -> ValueID

  private static func reduction(_ gradient: @escaping ReductionGradient) -> GradientRule {
    { (c: inout GradientContext) throws(GraphError) in
      let x = try c.input(0)
      let y = try withDimensionsKept(c.output(0), &c)
      let dy = try withDimensionsKept(c.outputGradient(), &c)
      return [try c.expand(gradient(&c, x, y, dy), toShapeOf: x)]
    }
  }

  /// Puts the reduced dimensions back with size 1.
  private static func withDimensionsKept(
    _ value: ValueID,
    _ c: inout GradientContext
  ) throws(GraphError) -> ValueID {
    if try c.node.int("keepdims", default: 1) != 0 { return value }
    if let axes = c.optionalInput(1) {
      guard c.graph.constant(axes)?.shape.elementCount != 0 else {
        // No axes: all are reduced (a scalar expands as it is), or none with noop_with_empty_axes.
        return value
      }
      return try c.apply("Unsqueeze", value, axes)
    }
    return value
  }

  /// How many elements of x make one of y, as a value of x's type.
  private static func elementsReduced(
    _ c: inout GradientContext,
    _ x: ValueID,
    _ y: ValueID
  ) throws(GraphError) -> ValueID {
    let count = try c.apply("Div", c.apply("Size", x), c.apply("Size", y))
    return try c.apply("CastLike", count, x)
  }

  /// Elements that share the extreme share the gradient equally.
  private static func extreme(
    _ c: inout GradientContext,
    _ x: ValueID,
    _ y: ValueID,
    _ dy: ValueID
  ) throws(GraphError) -> ValueID {
    let hits = try c.indicator(c.apply("Equal", x, y), like: x)
    let count = try sameReduction("ReduceSum", hits, &c)
    return try c.multiply(hits, c.divide(dy, count))
  }

  /// dy times the product of the other elements, right for any number of zeros.
  private static func product(
    _ c: inout GradientContext,
    _ x: ValueID,
    _ y: ValueID,
    _ dy: ValueID
  ) throws(GraphError) -> ValueID {
    let isZero = try c.apply("Equal", x, c.scalar(0, like: x))
    let zero = try c.indicator(isZero, like: x)
    let nonZero = try c.apply("Where", isZero, c.scalar(1, like: x), x)
    let productOfNonZero = try sameReduction("ReduceProd", nonZero, &c)
    let otherZeros = try c.subtract(sameReduction("ReduceSum", zero, &c), zero)
    let noOtherZero = try c.apply("Less", otherZeros, c.scalar(0.5, like: x))
    let others = try c.keep(c.divide(productOfNonZero, nonZero), where: noOtherZero)
    return try c.multiply(dy, others)
  }

  /// Another reduction over the same axes, dimensions kept.
  private static func sameReduction(
    _ op: OperatorName,
    _ value: ValueID,
    _ c: inout GradientContext
  ) throws(GraphError) -> ValueID {
    var attributes = c.node.attributes
    attributes["keepdims"] = .int(1)
    return try c.graph.apply1(
      op,
      [value] + c.node.inputs.dropFirst(),
      attributes
    )
  }

  /// The sum runs the other way.
  private static func cumulativeSum(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    var attributes = c.node.attributes
    attributes["reverse"] = .int(try c.node.int("reverse", default: 0) == 0 ? 1 : 0)
    return [try c.apply("CumSum", c.outputGradient(), c.input(1), attributes: attributes)]
  }
}
