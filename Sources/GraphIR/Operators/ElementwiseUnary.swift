import Tensors

extension OperatorRegistry {
  /// y = f(x), element by element: the output has the shape and, unless said otherwise, the type of x.
  package static let elementwiseUnary: [OperatorDefinition] =
    roundingAndSign + transcendental + activations + predicates + [
      OperatorDefinition(
        "Clip",
        inputs: 1...3,
        summary: "min(max(x, lower), upper); bounds are optional scalars"
      ) { context throws(GraphError) in
        let type = try context.type(0, of: DType.numericTypes)
        try context.requireSameDType(0..<3)
        for bound in 1..<3 where context.hasInput(bound) { try context.requireScalar(bound) }
        return [type]
      }
    ]

  private static let roundingAndSign = [
    unary("Identity", of: DType.allTypes, "x"),
    unary("Abs", of: DType.numericTypes, "|x|"),
    unary("Neg", of: DType.numericTypes.filter(\.isSigned), "-x"),
    unary("Sign", of: DType.numericTypes, "-1, 0 or 1"),
    unary("Ceil", "smallest whole number that is not below x"),
    unary("Floor", "largest whole number that is not above x"),
    unary("Round", "nearest whole number, halves to even"),
    unary("Reciprocal", "1 / x"),
    unary("BitwiseNot", of: DType.integerTypes, "x with every bit flipped"),
  ]

  private static let transcendental = [
    unary("Sqrt", "square root"),
    unary("Exp", "e to the power of x"),
    unary("Log", "natural logarithm"),
    unary("Sin", "sine of radians"),
    unary("Cos", "cosine of radians"),
    unary("Tan", "tangent of radians"),
    unary("Asin", "inverse sine"),
    unary("Acos", "inverse cosine"),
    unary("Atan", "inverse tangent"),
    unary("Sinh", "hyperbolic sine"),
    unary("Cosh", "hyperbolic cosine"),
    unary("Asinh", "inverse hyperbolic sine"),
    unary("Acosh", "inverse hyperbolic cosine"),
    unary("Atanh", "inverse hyperbolic tangent"),
    unary("Tanh", "hyperbolic tangent"),
    unary("Erf", "Gauss error function"),
  ]

  private static let activations = [
    unary("Sigmoid", "1 / (1 + exp(-x))"),
    unary("Softplus", "log(1 + exp(x))"),
    unary("Softsign", "x / (1 + |x|)"),
    unary("Relu", of: DType.numericTypes.filter(\.isSigned), "max(x, 0)"),
    unary("LeakyRelu", "x, for x < 0 alpha x"),
    unary("Elu", "x, for x < 0 alpha (exp(x) - 1)"),
    unary("Selu", "gamma x, for x <= 0 gamma alpha (exp(x) - 1)"),
    unary("Celu", "max(x, 0) + min(alpha (exp(x / alpha) - 1), 0)"),
    OperatorDefinition(
      "Gelu",
      inputs: 1...1,
      summary: "x Phi(x), Phi the normal distribution; approximate = none or tanh"
    ) { context throws(GraphError) in
      let approximate = try context.node.string("approximate", default: "none")
      guard ["none", "tanh"].contains(approximate) else {
        throw context.error("attribute approximate is \"\(approximate)\"; it must be none or tanh")
      }
      return [try context.type(0, of: DType.floatingPointTypes)]
    },
    unary("Mish", "x tanh(log(1 + exp(x)))"),
    unary("Swish", "x / (1 + exp(-alpha x))"),
    unary("HardSigmoid", "alpha x + beta, within 0 and 1"),
    unary("HardSwish", "x times (x / 6 + 1 / 2, within 0 and 1)"),
    unary("ThresholdedRelu", "x where x > alpha, else 0"),
    unary("Shrink", of: DType.numericTypes, "x + bias below -lambd, x - bias above lambd, else 0"),
  ]

  private static let predicates = [
    predicate("IsNaN", of: DType.floatingPointTypes, "true where x is not a number"),
    predicate("IsInf", of: DType.floatingPointTypes, "true where x is infinite"),
    predicate("Not", of: [.bool], "true where x is false"),
  ]

  private static func unary(
    _ name: OperatorName,
    of dtypes: Set<DType> = DType.floatingPointTypes,
    _ summary: String
  ) -> OperatorDefinition {
    OperatorDefinition(
      name,
      inputs: 1...1,
      summary: summary,
      infer: ShapeRules.sameAsInput(of: dtypes)
    )
  }

  private static func predicate(
    _ name: OperatorName,
    of dtypes: Set<DType>,
    _ summary: String
  ) -> OperatorDefinition {
    OperatorDefinition(name, inputs: 1...1, summary: summary) { context throws(GraphError) in
      [ValueType(.bool, try context.type(0, of: dtypes).shape)]
    }
  }
}
