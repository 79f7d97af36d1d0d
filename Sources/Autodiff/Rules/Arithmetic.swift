import GraphIR

extension GradientRules {
  /// Sums, products and what is linear in one operand.
  static let arithmetic: [OperatorName: GradientRule] = [
    "Identity": passThrough,
    "Cast": cast,
    "CastLike": cast,
    "Neg": negation,
    "Add": addition,
    "Sub": subtraction,
    "Mul": multiplication,
    "Div": division,
    "Sum": sumOfMany,
    "Mean": meanOfMany,
    .martlet("SumToShape"): sumToShape,
  ]

  private static func passThrough(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    [try c.outputGradient()]
  }

  /// Between floating-point types the gradient goes back to the type it came from; others end the path.
  private static func cast(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let dy = try c.outputGradient()
    return [try c.apply("CastLike", dy, c.input(0))]
  }

  private static func negation(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    [try c.negate(c.outputGradient())]
  }

  private static func addition(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let dy = try c.outputGradient()
    let a = c.isWanted(0) ? try c.sum(dy, toShapeOf: c.input(0)) : nil
    let b = c.isWanted(1) ? try c.sum(dy, toShapeOf: c.input(1)) : nil
    return [a, b]
  }

  private static func subtraction(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let dy = try c.outputGradient()
    let a = c.isWanted(0) ? try c.sum(dy, toShapeOf: c.input(0)) : nil
    let b = c.isWanted(1) ? try c.negate(c.sum(dy, toShapeOf: c.input(1))) : nil
    return [a, b]
  }

  private static func multiplication(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let (a, b, dy) = (try c.input(0), try c.input(1), try c.outputGradient())
    let da = c.isWanted(0) ? try c.sum(c.multiply(dy, b), toShapeOf: a) : nil
    let db = c.isWanted(1) ? try c.sum(c.multiply(dy, a), toShapeOf: b) : nil
    return [da, db]
  }

  /// y = a / b: da = dy / b, db = -dy y / b.
  private static func division(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let (a, b, dy) = (try c.input(0), try c.input(1), try c.outputGradient())
    let quotient = try c.divide(dy, b)
    let da = c.isWanted(0) ? try c.sum(quotient, toShapeOf: a) : nil
    guard c.isWanted(1) else { return [da] }
    let db = try c.negate(c.sum(c.multiply(quotient, c.output(0)), toShapeOf: b))
    return [da, db]
  }

  private static func sumOfMany(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let dy = try c.outputGradient()
    return try shared(dy, &c)
  }

  private static func meanOfMany(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let dy = try c.multiply(c.outputGradient(), 1 / Double(max(c.node.inputs.count, 1)))
    return try shared(dy, &c)
  }

  private static func shared(
    _ gradient: ValueID,
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    var result: [ValueID?] = []
    for index in c.node.inputs.indices {
      result.append(c.isWanted(index) ? try c.sum(gradient, toShapeOf: c.input(index)) : nil)
    }
    return result
  }

  private static func sumToShape(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    [try c.expand(c.outputGradient(), toShapeOf: c.input(0))]
  }
}
