import GraphIR

extension GradientRules {
  static let softmaxes: [OperatorName: GradientRule] = [
    "Softmax": softmax,
    "LogSoftmax": logSoftmax,
    .martlet("SoftmaxGradient"): softmaxGradient,
    .martlet("LogSoftmaxGradient"): logSoftmaxGradient,
  ]

  private static func softmax(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let axis = try c.node.int("axis", default: -1)
    return [
      try c.apply(
        .martlet("SoftmaxGradient"),
        c.output(0),
        c.outputGradient(),
        attributes: ["axis": .int(axis)]
      )
    ]
  }

  private static func logSoftmax(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let axis = try c.node.int("axis", default: -1)
    return [
      try c.apply(
        .martlet("LogSoftmaxGradient"),
        c.output(0),
        c.outputGradient(),
        attributes: ["axis": .int(axis)]
      )
    ]
  }

  /// f = y (dy - s) with s = sum(y dy): for an arriving g, dy gets y (g - sum(g y)) and y gets g (dy - s) - dy sum(g y).
  private static func softmaxGradient(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let (y, dy, g) = (try c.input(0), try c.input(1), try c.outputGradient())
    let axis = try c.node.int("axis", default: -1)
    var result: [ValueID?] = [nil, nil]
    if c.isWanted(0) {
      let s = try c.reduceSum(c.multiply(y, dy), axes: [axis])
      let weight = try c.reduceSum(c.multiply(g, y), axes: [axis])
      result[0] = try c.subtract(
        c.multiply(g, c.subtract(dy, s)),
        c.multiply(dy, weight)
      )
    }
    if c.isWanted(1) {
      result[1] = try c.apply(
        .martlet("SoftmaxGradient"),
        y,
        g,
        attributes: ["axis": .int(axis)]
      )
    }
    return result
  }

  /// f = dy - exp(y) s with s = sum(dy): for an arriving g, dy gets g - sum(g exp(y)) and y gets -g exp(y) s.
  private static func logSoftmaxGradient(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let (y, dy, g) = (try c.input(0), try c.input(1), try c.outputGradient())
    let axis = try c.node.int("axis", default: -1)
    let weighted = try c.multiply(g, c.apply("Exp", y))
    var result: [ValueID?] = [nil, nil]
    if c.isWanted(0) {
      let s = try c.reduceSum(dy, axes: [axis])
      result[0] = try c.negate(c.multiply(weighted, s))
    }
    if c.isWanted(1) {
      result[1] = try c.subtract(g, c.reduceSum(weighted, axes: [axis]))
    }
    return result
  }
}
