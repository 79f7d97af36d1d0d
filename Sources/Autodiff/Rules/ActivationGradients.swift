import GraphIR

extension GradientRules {
  /// Second derivatives: the gradients of the fused activation gradients.
  ///
  /// `g` is what arrives, `dy` the first gradient.
  static let activationGradients: [OperatorName: GradientRule] = [
    .martlet("ReluGradient"): sameOperator,
    .martlet("LeakyReluGradient"): sameOperator,
    .martlet("EluGradient"): eluGradient,
    .martlet("SigmoidGradient"): sigmoidGradient,
    .martlet("TanhGradient"): tanhGradient,
  ]

  /// f(dy, x) is linear in dy and piecewise constant in x, so ddy = f(g, x).
  private static func sameOperator(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    [
      try c.apply(
        c.node.op,
        c.outputGradient(),
        c.input(1),
        attributes: c.node.attributes
      )
    ]
  }

  /// dy alpha exp(x) for x < 0: its slope in x is itself.
  private static func eluGradient(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let (x, g) = (try c.input(1), try c.outputGradient())
    let first = c.isWanted(0) ? try sameOperator(&c).first ?? nil : nil
    guard c.isWanted(1) else { return [first] }
    let negative = try c.apply("Less", x, c.scalar(0, like: x))
    return [first, try c.keep(c.multiply(g, c.output(0)), where: negative)]
  }

  /// dy y (1 - y): slope in y is dy (1 - 2 y).
  private static func sigmoidGradient(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let (dy, y, g) = (try c.input(0), try c.input(1), try c.outputGradient())
    let first = c.isWanted(0) ? try sameOperator(&c).first ?? nil : nil
    guard c.isWanted(1) else { return [first] }
    let slope = try c.oneMinus(c.multiply(y, 2))
    return [first, try c.multiply(g, c.multiply(dy, slope))]
  }

  /// dy (1 - y^2): slope in y is -2 y dy.
  private static func tanhGradient(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let (dy, y, g) = (try c.input(0), try c.input(1), try c.outputGradient())
    let first = c.isWanted(0) ? try sameOperator(&c).first ?? nil : nil
    guard c.isWanted(1) else { return [first] }
    return [first, try c.multiply(g, c.multiply(dy, c.multiply(y, -2)))]
  }
}
