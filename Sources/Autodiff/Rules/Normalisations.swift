import GraphIR

extension GradientRules {
  static let normalisations: [OperatorName: GradientRule] = [
    "BatchNormalization": batchNormalisation,
    "LayerNormalization": layerNormalisation,
    "RMSNormalization": rootMeanSquareNormalisation,
    "InstanceNormalization": instanceNormalisation,
    "GroupNormalization": groupNormalisation,
    "MeanVarianceNormalization": meanVarianceNormalisation,
    "LpNormalization": lpNormalisation,
    "LRN": localResponseNormalisation,
    .martlet("BatchStatistics"): batchStatistics,
  ]

  /// y = (x - mean) / sqrt(variance + epsilon) scale + bias, for each channel.
  private static func batchNormalisation(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let (x, scale, dy) = (try c.input(0), try c.input(1), try c.outputGradient())
    let epsilon = try c.node.float("epsilon", default: 1e-5)
    if try c.node.int("training_mode", default: 0) != 0 {
      // The statistics are functions of x; the fused gradient goes through them.
      let statistics = try c.graph.apply(
        .martlet("BatchStatistics"),
        [x],
        outputCount: 2
      )
      let all = try c.graph.apply(
        .martlet("BatchNormalizationGradient"),
        [x, dy, scale] + statistics,
        ["epsilon": .float(epsilon)],
        outputCount: 3
      )
      return all
    }
    let (mean, variance) = (try c.input(3), try c.input(4))
    let shifted = try c.add(variance, Double(epsilon))
    let inverse = try c.apply("Reciprocal", c.apply("Sqrt", shifted))
    var result = [ValueID?](repeating: nil, count: 5)
    if c.isWanted(0) {
      result[0] = try c.multiply(dy, perChannel(c.multiply(scale, inverse), like: x, &c))
    }
    if c.isWanted(1) || c.isWanted(4) {
      let centred = try c.subtract(x, perChannel(mean, like: x, &c))
      // sum of dy (x - mean), from which both follow
      let moment = try channelSum(c.multiply(dy, centred), &c)
      result[1] = try c.multiply(moment, inverse)
      let slope = try c.multiply(c.divide(c.multiply(scale, inverse), shifted), -0.5)
      result[4] = try c.multiply(moment, slope)
    }
    if c.isWanted(2) || c.isWanted(3) {
      let total = try channelSum(dy, &c)
      result[2] = total
      result[3] = try c.negate(c.multiply(total, c.multiply(scale, inverse)))
    }
    return result
  }

  /// The means over all but the channel axis, and the means of the squared distances from them.
  private static func batchStatistics(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let x = try c.input(0)
    let axes = [0] + (try spatialAxes(of: x, c))
    let count = try c.apply(
      "CastLike",
      c.apply("Div", c.apply("Size", x), c.apply("Size", c.output(0))),
      x
    )
    var parts: [ValueID] = []
    if c.hasOutputGradient(0) {
      parts.append(try perChannel(c.divide(c.outputGradient(0), count), like: x, &c))
    }
    if c.hasOutputGradient(1) {
      let centred = try c.subtract(x, c.reduceMean(x, axes: axes))
      let part = try perChannel(c.divide(c.outputGradient(1), count), like: x, &c)
      parts.append(try c.multiply(c.multiply(centred, 2), part))
    }
    guard var sum = parts.first else { return [] }
    if parts.count == 2 { sum = try c.add(sum, parts[1]) }
    return [try c.expand(sum, toShapeOf: x)]
  }

  /// With z = (x - mean) / deviation and g = dy scale: dx = (g - mean(g) - z mean(g z)) / deviation over the normalised axes.
  private static func layerNormalisation(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    guard !c.hasOutputGradient(1), !c.hasOutputGradient(2) else {
      throw c.unsupported("through the outputs Mean and InvStdDev")
    }
    let (x, scale, dy) = (try c.input(0), try c.input(1), try c.outputGradient())
    let axes = try trailingAxes(of: x, c)
    let epsilon = Double(try c.node.float("epsilon", default: 1e-5))
    let centred = try c.subtract(x, c.reduceMean(x, axes: axes))
    let variance = try c.reduceMean(c.square(centred), axes: axes)
    let inverse = try c.apply("Reciprocal", c.apply("Sqrt", c.add(variance, epsilon)))
    let z = try c.multiply(centred, inverse)
    var result: [ValueID?] = [nil, nil, nil]
    if c.isWanted(0) {
      let g = try c.multiply(dy, scale)
      let along = try c.multiply(z, c.reduceMean(c.multiply(g, z), axes: axes))
      let projected = try c.subtract(c.subtract(g, c.reduceMean(g, axes: axes)), along)
      result[0] = try c.multiply(projected, inverse)
    }
    if c.isWanted(1) { result[1] = try c.sum(c.multiply(dy, z), toShapeOf: scale) }
    if c.isWanted(2) { result[2] = try c.sum(dy, toShapeOf: c.input(2)) }
    return result
  }

  private static func rootMeanSquareNormalisation(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let axes = try trailingAxes(of: c.input(0), c)
    let epsilon = Double(try c.node.float("epsilon", default: 1e-5))
    return try c.gradientsThroughEquivalent { (c: inout GradientContext) throws(GraphError) in
      let x = try c.input(0)
      let meanSquare = try c.reduceMean(c.square(x), axes: axes)
      let root = try c.apply("Sqrt", c.add(meanSquare, epsilon))
      return try c.multiply(c.divide(x, root), c.input(1))
    }
  }

  private static func instanceNormalisation(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let axes = try spatialAxes(of: c.input(0), c)
    let epsilon = Double(try c.node.float("epsilon", default: 1e-5))
    return try c.gradientsThroughEquivalent { (c: inout GradientContext) throws(GraphError) in
      let x = try c.input(0)
      let z = try standardised(x, axes: axes, epsilon: epsilon, &c)
      let scaled = try c.multiply(z, perChannel(c.input(1), like: x, &c))
      return try c.add(scaled, perChannel(c.input(2), like: x, &c))
    }
  }

  private static func groupNormalisation(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let groups = try c.node.int("num_groups", default: 1)
    let epsilon = Double(try c.node.float("epsilon", default: 1e-5))
    return try c.gradientsThroughEquivalent { (c: inout GradientContext) throws(GraphError) in
      let x = try c.input(0)
      let grouped = try c.apply("Reshape", x, c.vector([0, groups, -1]))
      let z = try standardised(grouped, axes: [2], epsilon: epsilon, &c)
      let restored = try c.reshape(z, toShapeOf: x)
      let scaled = try c.multiply(restored, perChannel(c.input(1), like: x, &c))
      return try c.add(scaled, perChannel(c.input(2), like: x, &c))
    }
  }

  /// (x - mean) / (deviation + 1e-9), as in ONNX's function body.
  private static func meanVarianceNormalisation(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let axes = try c.node.ints("axes") ?? [0, 2, 3]
    return try c.gradientsThroughEquivalent { (c: inout GradientContext) throws(GraphError) in
      let x = try c.input(0)
      let centred = try c.subtract(x, c.reduceMean(x, axes: axes))
      let deviation = try c.apply("Sqrt", c.reduceMean(c.square(centred), axes: axes))
      return try c.divide(centred, c.add(deviation, 1e-9))
    }
  }

  /// x / norm along one axis.
  private static func lpNormalisation(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let axis = try c.node.int("axis", default: -1)
    let norm: OperatorName = try c.node.int("p", default: 2) == 1 ? "ReduceL1" : "ReduceL2"
    return try c.gradientsThroughEquivalent { (c: inout GradientContext) throws(GraphError) in
      let x = try c.input(0)
      let length = try c.apply(norm, x, c.vector([axis]), attributes: ["keepdims": .int(1)])
      return try c.divide(x, length)
    }
  }

  /// y = x / (bias + alpha / size sum of x^2 over `size` channels around)^beta; the windows are those of an average pool along C.
  private static func localResponseNormalisation(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let size = try c.node.int("size", default: 1)
    let alpha = Double(try c.node.float("alpha", default: 1e-4))
    let beta = Double(try c.node.float("beta", default: 0.75))
    let bias = Double(try c.node.float("bias", default: 1))
    let (before, after) = ((size - 1) / 2, size / 2)
    let attributes: [String: Attribute] = [
      "kernel_shape": .ints([size, 1]), "pads": .ints([before, 0, after, 0]),
      "count_include_pad": .int(1),
    ]
    return try c.gradientsThroughEquivalent { (c: inout GradientContext) throws(GraphError) in
      let x = try c.input(0)
      let rows = try c.apply("Reshape", c.square(x), c.vector([0, 0, -1]))
      let image = try c.apply("Unsqueeze", rows, c.vector([1]))
      let average = try c.apply("AveragePool", image, attributes: attributes)
      let restored = try c.reshape(average, toShapeOf: x)
      let base = try c.add(c.multiply(restored, alpha), bias)
      return try c.multiply(x, c.apply("Pow", base, c.scalar(-beta, like: base)))
    }
  }

  private static func standardised(
    _ x: ValueID,
    axes: [Int],
    epsilon: Double,
    _ c: inout GradientContext
  ) throws(GraphError) -> ValueID {
    let centred = try c.subtract(x, c.reduceMean(x, axes: axes))
    let variance = try c.reduceMean(c.square(centred), axes: axes)
    return try c.divide(centred, c.apply("Sqrt", c.add(variance, epsilon)))
  }

  /// A vector over the channels in the shape [C, 1, 1, ...] that broadcasts along x.
  private static func perChannel(
    _ vector: ValueID,
    like x: ValueID,
    _ c: inout GradientContext
  ) throws(GraphError) -> ValueID {
    let rank = try c.rank(of: x)
    if rank <= 2 { return vector }
    return try c.apply("Unsqueeze", vector, c.vector(Array(1...(rank - 2))))
  }

  /// The axes from the attribute `axis` on.
  private static func trailingAxes(
    of x: ValueID,
    _ c: GradientContext
  ) throws(GraphError) -> [Int] {
    let rank = try c.rank(of: x)
    let axis = try c.node.int("axis", default: -1)
    let first = axis < 0 ? axis + rank : axis
    guard (0..<max(rank, 1)).contains(first) else { throw c.unsupported("axis \(axis)") }
    return Array(first..<rank)
  }
}
