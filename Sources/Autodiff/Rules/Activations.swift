import GraphIR

extension GradientRules {
  static let activations: [OperatorName: GradientRule] = [
    "Relu": relu,
    "LeakyRelu": leakyRelu,
    "ThresholdedRelu": thresholdedRelu,
    "PRelu": parametricRelu,
    "Elu": elu,
    "Selu": selu,
    "Celu": celu,
    "Sigmoid": sigmoid,
    "HardSigmoid": hardSigmoid,
    "Swish": swish,
    "HardSwish": hardSwish,
    "Tanh": hyperbolicTangent,
    "Softplus": unary { c, x, _ throws(GraphError) in try c.apply("Sigmoid", x) },
    "Softsign": unary { c, x, _ throws(GraphError) in
      // 1 / (1 + |x|)^2
      try c.apply("Reciprocal", c.square(c.add(c.apply("Abs", x), 1)))
    },
    "Mish": mish,
    "Gelu": gelu,
    "Shrink": shrink,
  ]

  private static func relu(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    [try c.apply(.martlet("ReluGradient"), c.outputGradient(), c.input(0))]
  }

  private static func leakyRelu(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let alpha = try c.node.float("alpha", default: 0.01)
    return [
      try c.apply(
        .martlet("LeakyReluGradient"),
        c.outputGradient(),
        c.input(0),
        attributes: ["alpha": .float(alpha)]
      )
    ]
  }

  private static func thresholdedRelu(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let x = try c.input(0)
    let alpha = Double(try c.node.float("alpha", default: 1))
    let above = try c.apply("Greater", x, c.scalar(alpha, like: x))
    return [try c.keep(c.outputGradient(), where: above)]
  }

  /// y = x, or slope x where x < 0.
  private static func parametricRelu(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let (x, slope, dy) = (try c.input(0), try c.input(1), try c.outputGradient())
    let negative = try c.apply("Less", x, c.scalar(0, like: x))
    let dx = c.isWanted(0) ? try c.apply("Where", negative, c.multiply(dy, slope), dy) : nil
    guard c.isWanted(1) else { return [dx] }
    return [dx, try c.sum(c.keep(c.multiply(dy, x), where: negative), toShapeOf: slope)]
  }

  private static func elu(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let alpha = try c.node.float("alpha", default: 1)
    return [
      try c.apply(
        .martlet("EluGradient"),
        c.outputGradient(),
        c.input(0),
        attributes: ["alpha": .float(alpha)]
      )
    ]
  }

  /// y = gamma x for x > 0, gamma alpha (exp(x) - 1) otherwise.
  private static func selu(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let alpha = try c.node.float("alpha", default: 1.673_263_2)
    let gamma = Double(try c.node.float("gamma", default: 1.050_701))
    let inner = try c.apply(
      .martlet("EluGradient"),
      c.outputGradient(),
      c.input(0),
      attributes: ["alpha": .float(alpha)]
    )
    return [try c.multiply(inner, gamma)]
  }

  /// y = max(0, x) + min(0, alpha (exp(x / alpha) - 1)).
  private static func celu(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let alpha = Double(try c.node.float("alpha", default: 1))
    let scaled = try c.multiply(c.input(0), 1 / alpha)
    return [
      try c.apply(
        .martlet("EluGradient"),
        c.outputGradient(),
        scaled,
        attributes: ["alpha": .float(1)]
      )
    ]
  }

  private static func sigmoid(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    [try c.apply(.martlet("SigmoidGradient"), c.outputGradient(), c.output(0))]
  }

  /// y = max(0, min(1, alpha x + beta)).
  private static func hardSigmoid(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let alpha = Double(try c.node.float("alpha", default: 0.2))
    let y = try c.output(0)
    let inside = try c.apply(
      "And",
      c.apply("Greater", y, c.scalar(0, like: y)),
      c.apply("Less", y, c.scalar(1, like: y))
    )
    return [try c.keep(c.multiply(c.outputGradient(), alpha), where: inside)]
  }

  /// y = x s with s = sigmoid(alpha x): y' = s + alpha y (1 - s).
  private static func swish(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let (x, y, dy) = (try c.input(0), try c.output(0), try c.outputGradient())
    let alpha = Double(try c.node.float("alpha", default: 1))
    let s = try c.apply("Sigmoid", c.multiply(x, alpha))
    let slope = try c.add(s, c.multiply(c.multiply(y, c.oneMinus(s)), alpha))
    return [try c.multiply(dy, slope)]
  }

  /// y = x max(0, min(1, x / 6 + 1 / 2)): y' = h + x / 6 inside of (-3, 3), h outside, h the second factor.
  private static func hardSwish(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let (x, dy) = (try c.input(0), try c.outputGradient())
    let h = try c.apply(
      "HardSigmoid",
      x,
      attributes: ["alpha": .float(1.0 / 6.0), "beta": .float(0.5)]
    )
    let inside = try c.apply("Less", c.apply("Abs", x), c.scalar(3, like: x))
    let ramp = try c.keep(c.multiply(x, 1.0 / 6.0), where: inside)
    return [try c.multiply(dy, c.add(h, ramp))]
  }

  private static func hyperbolicTangent(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    [try c.apply(.martlet("TanhGradient"), c.outputGradient(), c.output(0))]
  }

  /// y = x t with t = tanh(softplus(x)): y' = t + x (1 - t^2) sigmoid(x).
  private static func mish(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let (x, dy) = (try c.input(0), try c.outputGradient())
    let t = try c.apply("Tanh", c.apply("Softplus", x))
    let chain = try c.multiply(c.oneMinus(c.square(t)), c.apply("Sigmoid", x))
    return [try c.multiply(dy, c.add(t, c.multiply(x, chain)))]
  }

  /// y = x P(x) with the normal distribution function P, or its tanh approximation (Hendrycks & Gimpel 2016).
  private static func gelu(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let (x, dy) = (try c.input(0), try c.outputGradient())
    if try c.node.string("approximate", default: "none") == "tanh" {
      // y = x (1 + tanh u) / 2, u = k (x + 0.044715 x^3)
      let k = (2 / Double.pi).squareRoot()
      let squared = try c.square(x)
      let u = try c.multiply(
        c.multiply(x, c.add(c.multiply(squared, 0.044715), 1)),
        k
      )
      let t = try c.apply("Tanh", u)
      let uSlope = try c.multiply(c.add(c.multiply(squared, 3 * 0.044715), 1), k)
      let chain = try c.multiply(c.multiply(x, c.oneMinus(c.square(t))), uSlope)
      return [try c.multiply(dy, c.multiply(c.add(c.add(t, 1), chain), 0.5))]
    }
    let erf = try c.apply("Erf", c.multiply(x, 0.5.squareRoot()))
    let distribution = try c.multiply(c.add(erf, 1), 0.5)
    let exponential = try c.apply("Exp", c.multiply(c.square(x), -0.5))
    let density = try c.multiply(exponential, 1 / (2 * Double.pi).squareRoot())
    return [try c.multiply(dy, c.add(distribution, c.multiply(x, density)))]
  }

  /// y = x + bias below -lambd, x - bias above lambd, 0 between.
  private static func shrink(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let x = try c.input(0)
    let limit = Double(try c.node.float("lambd", default: 0.5))
    let outside = try c.apply("Greater", c.apply("Abs", x), c.scalar(limit, like: x))
    return [try c.keep(c.outputGradient(), where: outside)]
  }
}
