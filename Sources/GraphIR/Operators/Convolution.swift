import Tensors

extension OperatorRegistry {
  /// Convolutions over 1 to 3 spatial axes, their transpose and their gradients.
  static let convolution: [OperatorDefinition] = [
    OperatorDefinition(
      "Conv",
      inputs: 2...3,
      summary: "Y[n,m,o] = B[m] + sum over c, k of X[n,c,o * stride + k * dilation - pad] W[m,c,k]",
      infer: inferConv
    ),
    OperatorDefinition(
      "ConvTranspose",
      inputs: 2...3,
      summary: "The transpose of Conv: every cell of X adds its window of W to Y",
      infer: inferConvTranspose
    ),
    OperatorDefinition(
      .martlet("ConvGradientInput"),
      inputs: 3...3,
      shapeOperands: [2],
      summary: "dX of Conv from dY, W and the shape of X; Conv's attributes",
      infer: inferConvGradientInput
    ),
    OperatorDefinition(
      .martlet("ConvGradientWeights"),
      inputs: 3...3,
      shapeOperands: [2],
      summary: "dW of Conv from X, dY and the shape of W; Conv's attributes",
      infer: inferConvGradientWeights
    ),
  ]

  /// X [N, C, ...], W [M, C / group, ...], B [M] -> [N, M, ...].
  private static func inferConv(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    try context.requireSameDType(0...2)
    if let outputs = try context.type(1).shape.dimensions?.first {
      try context.requireVector(2, of: outputs)
    }
    return [ValueType(x.dtype, try context.convolved(0, 1))]
  }

  /// X [N, C, ...], W [C, M / group, ...], B [M] -> [N, M, ...].
  private static func inferConvTranspose(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    let w = try context.type(1)
    try context.requireSameDType(0...2)
    guard let (data, weights) = try context.convolutionOperands(x, w) else {
      return [ValueType(x.dtype, .unranked)]
    }
    let group = try context.group()
    if let channels = data[1].size, let own = weights[0].size, channels != own {
      throw context.error("X \(x) has \(channels) channels, W \(w) takes \(own)")
    }
    if let channels = weights[0].size, channels % group != 0 {
      throw context.error("\(channels) channels of W \(w) do not divide into \(group) groups")
    }
    let outputs: Dimension = try context.product([weights[1], .known(group)])
    try context.requireVector(2, of: outputs)
    var spatial = [Dimension](repeating: .unknown, count: data.count - 2)
    if let kernel = try context.kernel(weights) {
      // Every axis stands for itself: an unknown size is replaced by a large one, whose result is not used.
      let sizes = data[2...].map { $0.size ?? 1 << 20 }
      let geometry = try WindowAttributes(context.node, kernel: kernel)
        .transposedWindows(over: sizes, of: context.node)
      let asked = try context.node.ints("output_shape") != nil
      for axis in spatial.indices where asked || data[axis + 2].size != nil {
        spatial[axis] = .known(geometry.inputSizes[axis])
      }
    }
    return [ValueType(x.dtype, PartialShape([data[0], outputs] + spatial))]
  }

  /// dY [N, M, ...], W [M, C / group, ...], the shape of X -> [N, C, ...].
  private static func inferConvGradientInput(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let dy = try context.type(0, of: DType.floatingPointTypes)
    let w = try context.type(1)
    try context.requireSameDType(0...1)
    let asked = try context.requestedShape(2)
    if asked.concrete != nil { return [ValueType(dy.dtype, asked)] }
    guard let (gradient, weights) = try context.convolutionOperands(dy, w) else {
      return [ValueType(dy.dtype, .unranked)]
    }
    let group = try context.group()
    let channels: Dimension = try context.product([weights[1], .known(group)])
    return [
      ValueType(
        dy.dtype,
        PartialShape(
          [gradient[0], channels] + Array(repeating: .unknown, count: gradient.count - 2)
        )
      )
    ]
  }

  /// X [N, C, ...], dY [N, M, ...], the shape of W -> [M, C / group, ...].
  private static func inferConvGradientWeights(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    let dy = try context.type(1)
    try context.requireSameDType(0...1)
    let asked = try context.requestedShape(2)
    if asked.concrete != nil { return [ValueType(x.dtype, asked)] }
    guard let (data, gradient) = try context.convolutionOperands(x, dy) else {
      return [ValueType(x.dtype, .unranked)]
    }
    let group = try context.group()
    let channels: Dimension = data[1].size.map { .known($0 / group) } ?? .unknown
    return [
      ValueType(
        x.dtype,
        PartialShape([gradient[1], channels] + Array(repeating: .unknown, count: data.count - 2))
      )
    ]
  }
}

extension ShapeContext {
  /// The shape of the convolution of input `data` [N, C, ...] with input `filters` [M, C / group, ...].
  func convolved(_ data: Int, _ filters: Int) throws(GraphError) -> PartialShape {
    let x = try type(data)
    let w = try type(filters)
    guard let (sizes, weights) = try convolutionOperands(x, w) else { return .unranked }
    let group = try group()
    if let channels = sizes[1].size, let own = weights[1].size, channels != own &* group {
      throw error(
        "X is \(x) and W is \(w): \(channels) channels, expected \(own) for each of \(group) groups"
      )
    }
    if let outputs = weights[0].size, outputs % group != 0 {
      throw error("\(outputs) output channels of W \(w) do not divide into \(group) groups")
    }
    guard let kernel = try kernel(weights) else {
      let open = [Dimension](repeating: .unknown, count: sizes.count - 2)
      return PartialShape([sizes[0], weights[0]] + open)
    }
    let spatial = try WindowAttributes(node, kernel: kernel)
      .outputDimensions(Array(sizes[2...]), of: node)
    return PartialShape([sizes[0], weights[0]] + spatial)
  }

  /// The dimensions of data and weights, which have the same rank of 3 to 5; `nil` where one rank is unknown.
  fileprivate func convolutionOperands(
    _ data: ValueType,
    _ weights: ValueType
  ) throws(GraphError) -> (data: [Dimension], weights: [Dimension])? {
    for type in [data, weights] {
      if let rank = type.shape.rank, !(3...5).contains(rank) {
        throw error("\(type) has rank \(rank), expected [N, C] and 1 to 3 spatial dimensions")
      }
    }
    guard let data = data.shape.dimensions, let weights = weights.shape.dimensions else {
      return nil
    }
    guard data.count == weights.count else {
      throw error("\(PartialShape(data)) and \(PartialShape(weights)) differ in rank")
    }
    return (data, weights)
  }

  /// The attribute `group`, at least 1.
  fileprivate func group() throws(GraphError) -> Int {
    let group = try node.int("group", default: 1)
    guard (1...Shape.elementCountMax).contains(group) else {
      throw error("group is \(group), expected a positive number")
    }
    return group
  }

  /// The kernel's sizes from `kernel_shape` or from the weights; `nil` where neither tells.
  fileprivate func kernel(_ weights: [Dimension]) throws(GraphError) -> [Int]? {
    let sizes = weights[2...].map(\.size)
    guard let declared = try node.ints("kernel_shape") else {
      let known = sizes.compactMap { $0 }
      return known.count == sizes.count ? known : nil
    }
    guard declared.count == sizes.count,
      zip(declared, sizes).allSatisfy({ $1 == nil || $0 == $1 })
    else {
      throw error("kernel_shape is \(declared), the weights are \(PartialShape(weights))")
    }
    return declared
  }
}
