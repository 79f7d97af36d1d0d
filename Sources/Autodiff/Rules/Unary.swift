import GraphIR

extension GradientRules {
  /// Powers, exponentials and logarithms.
  static let powers: [OperatorName: GradientRule] = [
    "Abs": unary { c, x, _ throws(GraphError) in try c.apply("Sign", x) },
    "Reciprocal": unary { c, _, y throws(GraphError) in try c.negate(c.square(y)) },
    "Sqrt": quotient { c, _, y throws(GraphError) in try c.multiply(y, 2) },
    "Exp": unary { _, _, y throws(GraphError) in y },
    "Log": quotient { _, x, _ throws(GraphError) in x },
    "Erf": unary { c, x, _ throws(GraphError) in
      // 2 / sqrt(pi) exp(-x^2)
      try c.multiply(c.apply("Exp", c.negate(c.square(x))), 2 / Double.pi.squareRoot())
    },
    "Pow": power,
  ]

  /// Circular and hyperbolic functions and their inverses.
  static let trigonometry: [OperatorName: GradientRule] = [
    "Sin": unary { c, x, _ throws(GraphError) in try c.apply("Cos", x) },
    "Cos": unary { c, x, _ throws(GraphError) in try c.negate(c.apply("Sin", x)) },
    "Tan": unary { c, _, y throws(GraphError) in try c.add(c.square(y), 1) },
    "Asin": quotient { c, x, _ throws(GraphError) in
      try c.apply("Sqrt", c.oneMinus(c.square(x)))
    },
    "Acos": quotient { c, x, _ throws(GraphError) in
      try c.negate(c.apply("Sqrt", c.oneMinus(c.square(x))))
    },
    "Atan": quotient { c, x, _ throws(GraphError) in try c.add(c.square(x), 1) },
    "Sinh": unary { c, x, _ throws(GraphError) in try c.apply("Cosh", x) },
    "Cosh": unary { c, x, _ throws(GraphError) in try c.apply("Sinh", x) },
    "Asinh": quotient { c, x, _ throws(GraphError) in
      try c.apply("Sqrt", c.add(c.square(x), 1))
    },
    "Acosh": quotient { c, x, _ throws(GraphError) in
      try c.apply("Sqrt", c.add(c.square(x), -1))
    },
    "Atanh": quotient { c, x, _ throws(GraphError) in try c.oneMinus(c.square(x)) },
  ]

  /// dx = dy * derivative(x, y).
  static func unary(
    _ derivative:
      @escaping @Sendable (inout GradientContext, ValueID, ValueID) throws(GraphError) -> ValueID
  ) -> GradientRule {
    { (c: inout GradientContext) throws(GraphError) in
      let (x, y, dy) = (try c.input(0), try c.output(0), try c.outputGradient())
      return [try c.multiply(dy, derivative(&c, x, y))]
    }
  }

  /// dx = dy / inverse(x, y).
  private static func quotient(
    _ inverse:
      @escaping @Sendable (inout GradientContext, ValueID, ValueID) throws(GraphError) -> ValueID
  ) -> GradientRule {
    { (c: inout GradientContext) throws(GraphError) in
      let (x, y, dy) = (try c.input(0), try c.output(0), try c.outputGradient())
      return [try c.divide(dy, inverse(&c, x, y))]
    }
  }

  /// y = x^e: dx = dy e x^(e - 1), 0 where e = 0; de = dy y log(x), 0 where x <= 0 (there y is no smooth function of e).
  private static func power(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let (x, rawExponent, dy) = (try c.input(0), try c.input(1), try c.outputGradient())
    let exponent = try c.apply("CastLike", rawExponent, x)
    var result: [ValueID?] = [nil, nil]
    if c.isWanted(0) {
      let lower = try c.apply("Pow", x, c.add(exponent, -1))
      let isZero = try c.apply("Equal", exponent, c.scalar(0, like: exponent))
      let slope = try c.apply(
        "Where",
        isZero,
        c.scalar(0, like: x),
        c.multiply(exponent, lower)
      )
      result[0] = try c.sum(c.multiply(dy, slope), toShapeOf: x)
    }
    if c.isWanted(1) {
      let positive = try c.apply("Greater", x, c.scalar(0, like: x))
      let safe = try c.apply("Where", positive, x, c.scalar(1, like: x))
      let slope = try c.multiply(c.output(0), c.apply("Log", safe))
      result[1] = try c.sum(c.multiply(dy, slope), toShapeOf: rawExponent)
    }
    return result
  }
}
