import Tensors

extension OperatorRegistry {
  /// Gradients that are operators of their own because the fused kernel saves a pass over memory; dy is the gradient of
  /// the loss with respect to the operator's result y, and the output that with respect to its operand x.
  package static let gradientKernels: [OperatorDefinition] = [
    gradient("ReluGradient", "(dy, x): dy where x > 0, else 0"),
    gradient("LeakyReluGradient", "(dy, x): dy where x > 0, else alpha dy"),
    gradient("SigmoidGradient", "(dy, y): dy y (1 - y)"),
    gradient("TanhGradient", "(dy, y): dy (1 - y^2)"),
    gradient("EluGradient", "(dy, x): dy where x > 0, else dy alpha exp(x)"),
    gradient("SoftmaxGradient", axis: true, "(y, dy): y (dy - sum of dy y along the axis)"),
    gradient(
      "LogSoftmaxGradient",
      axis: true,
      "(y, dy): dy - exp(y) times the sum of dy along the axis"
    ),
    OperatorDefinition(
      .martlet("SumToShape"),
      inputs: 2...2,
      shapeOperands: [1],
      summary:
        "(x, shape): x summed over the dimensions along which `shape` was broadcast to give x"
    ) { context throws(GraphError) in
      let type = try context.type(0, of: DType.numericTypes)
      let shape = try context.requestedShape(1)
      guard let goal = shape.dimensions, let source = type.shape.dimensions else {
        return [ValueType(type.dtype, shape)]
      }
      let fits =
        goal.count <= source.count
        && zip(goal.reversed(), source.reversed()).allSatisfy { wanted, size in
          guard let wanted = wanted.size, let size = size.size else { return true }
          return wanted == size || wanted == 1
        }
      guard fits else { throw context.error("\(shape) does not broadcast to input 0, \(type)") }
      return [ValueType(type.dtype, shape)]
    },
  ]

  /// Two operands of one type and shape, which the output has too.
  private static func gradient(
    _ name: String,
    axis: Bool = false,
    _ summary: String
  ) -> OperatorDefinition {
    OperatorDefinition(.martlet(name), inputs: 2...2, summary: summary) {
      context throws(GraphError) in
      let type = try context.type(0, of: DType.floatingPointTypes)
      try context.requireSameDType(0..<2)
      try context.requireSameShape(0, 1)
      if axis, let rank = type.shape.rank {
        _ = try context.node.normalizedAxis(try context.node.int("axis", default: -1), rank: rank)
      }
      return [type]
    }
  }
}
