import GraphIR

extension GradientRules {
  static let pooling: [OperatorName: GradientRule] = [
    "MaxPool": maxPool,
    "AveragePool": averagePool,
    "LpPool": lpPool,
    "GlobalAveragePool": globalAveragePool,
    "GlobalMaxPool": globalMaxPool,
    "GlobalLpPool": globalLpPool,
    .martlet("MaxPoolGradient"): maxPoolGradient,
    .martlet("AveragePoolGradient"): averagePoolGradient,
  ]

  private static func maxPool(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    [
      try c.apply(
        .martlet("MaxPoolGradient"),
        c.input(0),
        c.outputGradient(),
        attributes: c.node.attributes
      )
    ]
  }

  /// dx is dy scattered to the maxima, so ddy is g gathered from them; the choice of maxima is constant.
  private static func maxPoolGradient(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    guard c.isWanted(1) else { return [] }
    let pooled = try c.graph.apply(
      "MaxPool",
      [c.input(0)],
      c.node.attributes,
      outputCount: 2
    )
    guard case .some(let positions) = pooled[1] else {
      throw c.unsupported("MaxPool without indices")
    }
    let flat = try c.flattened(c.outputGradient())
    return [nil, try c.apply("Gather", flat, positions, attributes: ["axis": .int(0)])]
  }

  private static func averagePool(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    [
      try c.apply(
        .martlet("AveragePoolGradient"),
        c.outputGradient(),
        c.shape(of: c.input(0)),
        attributes: c.node.attributes
      )
    ]
  }

  private static func averagePoolGradient(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    [try c.apply("AveragePool", c.outputGradient(), attributes: c.node.attributes)]
  }

  /// (sum |x|^p)^(1/p) over each window, as an average over all places of the window times their number.
  private static func lpPool(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    var attributes = c.node.attributes
    let p = Double(try c.node.int("p", default: 2))
    guard let kernel = try c.node.ints("kernel_shape") else {
      throw c.unsupported("LpPool without kernel_shape")
    }
    attributes["p"] = nil
    attributes["count_include_pad"] = .int(1)
    let places = Double(kernel.reduce(1, &*))
    return try c.gradientsThroughEquivalent { (c: inout GradientContext) throws(GraphError) in
      let magnitudes = try powerOfMagnitude(c.input(0), p, &c)
      let average = try c.apply("AveragePool", magnitudes, attributes: attributes)
      let sum = try c.multiply(average, places)
      return try c.apply("Pow", sum, c.scalar(1 / p, like: sum))
    }
  }

  private static func globalAveragePool(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let (x, dy) = (try c.input(0), try c.outputGradient())
    let count = try c.apply(
      "CastLike",
      c.apply("Div", c.apply("Size", x), c.apply("Size", dy)),
      x
    )
    return [try c.expand(c.divide(dy, count), toShapeOf: x)]
  }

  /// Elements that share the maximum share the gradient equally.
  private static func globalMaxPool(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let (x, y, dy) = (try c.input(0), try c.output(0), try c.outputGradient())
    let hits = try c.indicator(c.apply("Equal", x, y), like: x)
    let count = try c.reduceSum(hits, axes: spatialAxes(of: x, c))
    return [try c.multiply(hits, c.divide(dy, count))]
  }

  private static func globalLpPool(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let p = Double(try c.node.int("p", default: 2))
    return try c.gradientsThroughEquivalent { (c: inout GradientContext) throws(GraphError) in
      let x = try c.input(0)
      let sum = try c.reduceSum(powerOfMagnitude(x, p, &c), axes: spatialAxes(of: x, c))
      return try c.apply("Pow", sum, c.scalar(1 / p, like: sum))
    }
  }

  private static func powerOfMagnitude(
    _ x: ValueID,
    _ p: Double,
    _ c: inout GradientContext
  ) throws(GraphError) -> ValueID {
    if p == 2 { return try c.square(x) }
    let magnitude = try c.apply("Abs", x)
    return try c.apply("Pow", magnitude, c.scalar(p, like: x))
  }

  /// Every axis after N and C.
  static func spatialAxes(
    of value: ValueID,
    _ c: GradientContext
  ) throws(GraphError) -> [Int] {
    Array(2..<max(try c.rank(of: value), 2))
  }
}
