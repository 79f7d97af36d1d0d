import GraphIR

extension GradientRules {
  /// Convolution is linear in its input and in its weights, so the three products below are each other's gradients.
  static let convolutions: [OperatorName: GradientRule] = [
    "Conv": convolution,
    "ConvTranspose": transposedConvolution,
    .martlet("ConvGradientInput"): inputGradient,
    .martlet("ConvGradientWeights"): weightsGradient,
  ]

  private static func convolution(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let (x, w, dy) = (try c.input(0), try c.input(1), try c.outputGradient())
    let attributes = c.node.attributes
    var result: [ValueID?] = [nil, nil, nil]
    if c.isWanted(0) {
      result[0] = try c.apply(
        .martlet("ConvGradientInput"),
        dy,
        w,
        c.shape(of: x),
        attributes: attributes
      )
    }
    if c.isWanted(1) {
      result[1] = try c.apply(
        .martlet("ConvGradientWeights"),
        x,
        dy,
        c.shape(of: w),
        attributes: attributes
      )
    }
    if c.isWanted(2) { result[2] = try channelSum(dy, &c) }
    return result
  }

  /// ConvTranspose(x, w) is the input gradient of a convolution with the same weights.
  private static func transposedConvolution(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let (x, w, dy) = (try c.input(0), try c.input(1), try c.outputGradient())
    var attributes = c.node.attributes
    guard attributes["output_shape"] == nil else {
      throw c.unsupported("attribute output_shape; give pads and output_padding")
    }
    // Output padding only makes the result larger; the convolution back never reads past what it needs.
    attributes["output_padding"] = nil
    var result: [ValueID?] = [nil, nil, nil]
    if c.isWanted(0) { result[0] = try c.apply("Conv", dy, w, attributes: attributes) }
    if c.isWanted(1) {
      result[1] = try c.apply(
        .martlet("ConvGradientWeights"),
        dy,
        x,
        c.shape(of: w),
        attributes: attributes
      )
    }
    if c.isWanted(2) { result[2] = try channelSum(dy, &c) }
    return result
  }

  private static func inputGradient(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let (dy, w, g) = (try c.input(0), try c.input(1), try c.outputGradient())
    let attributes = c.node.attributes
    let first = c.isWanted(0) ? try c.apply("Conv", g, w, attributes: attributes) : nil
    guard c.isWanted(1) else { return [first] }
    let second = try c.apply(
      .martlet("ConvGradientWeights"),
      g,
      dy,
      c.shape(of: w),
      attributes: attributes
    )
    return [first, second]
  }

  private static func weightsGradient(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let (x, dy, g) = (try c.input(0), try c.input(1), try c.outputGradient())
    let attributes = c.node.attributes
    let first =
      c.isWanted(0)
      ? try c.apply(
        .martlet("ConvGradientInput"),
        dy,
        g,
        c.shape(of: x),
        attributes: attributes
      ) : nil
    guard c.isWanted(1) else { return [first] }
    return [first, try c.apply("Conv", x, g, attributes: attributes)]
  }

  /// Sums over everything but the channel axis 1.
  static func channelSum(
    _ value: ValueID,
    _ c: inout GradientContext
  ) throws(GraphError) -> ValueID {
    let rank = try c.rank(of: value)
    let axes = [0] + (2..<max(rank, 2))
    return try c.reduceSum(value, axes: Array(axes), keepDimensions: false)
  }
}
