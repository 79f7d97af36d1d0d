import Tensors

extension OperatorRegistry {
  /// Poolings over windows and over all spatial axes, and their gradients.
  static let pooling: [OperatorDefinition] = [
    OperatorDefinition(
      "MaxPool",
      inputs: 1...1,
      outputs: 1...2,
      summary: "The largest cell of every window, and its flat index in X",
      infer: inferMaxPool
    ),
    OperatorDefinition(
      "AveragePool",
      inputs: 1...1,
      summary: "The mean of every window; padding counts with count_include_pad",
      infer: inferPool
    ),
    OperatorDefinition(
      "LpPool",
      inputs: 1...1,
      summary: "(sum |x|^p)^(1/p) of every window",
      infer: inferPool
    ),
    OperatorDefinition(
      "GlobalAveragePool",
      inputs: 1...1,
      summary: "The mean over all spatial axes, kept as 1",
      infer: inferGlobalPool
    ),
    OperatorDefinition(
      "GlobalMaxPool",
      inputs: 1...1,
      summary: "The maximum over all spatial axes, kept as 1",
      infer: inferGlobalPool
    ),
    OperatorDefinition(
      "GlobalLpPool",
      inputs: 1...1,
      summary: "(sum |x|^p)^(1/p) over all spatial axes, kept as 1",
      infer: inferGlobalPool
    ),
    OperatorDefinition(
      "MaxUnpool",
      inputs: 2...3,
      shapeOperands: [2],
      summary: "Puts X where the Indices of MaxPool say, 0 elsewhere",
      infer: inferMaxUnpool
    ),
    OperatorDefinition(
      .martlet("MaxPoolGradient"),
      inputs: 2...2,
      summary: "dX of MaxPool from X and dY: every window's gradient goes to its first maximum",
      infer: inferMaxPoolGradient
    ),
    OperatorDefinition(
      .martlet("AveragePoolGradient"),
      inputs: 2...2,
      shapeOperands: [1],
      summary: "dX of AveragePool from dY and the shape of X",
      infer: inferAveragePoolGradient
    ),
  ]

  /// X [N, C, ...] -> Y [N, C, ...] and the indices, int64.
  private static func inferMaxPool(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let types = DType.floatingPointTypes.union([.int8, .uint8])
    let y = ValueType(try context.type(0, of: types).dtype, try context.pooledShape(0))
    return [y, ValueType(.int64, y.shape)]
  }

  private static func inferPool(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    return [ValueType(x.dtype, try context.pooledShape(0))]
  }

  private static func inferGlobalPool(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    guard let dimensions = x.shape.dimensions else { return [x] }
    guard dimensions.count >= 2 else {
      throw context.error("input 0 is \(x); it must be [N, C] and spatial dimensions")
    }
    let ones = [Dimension](repeating: .known(1), count: dimensions.count - 2)
    return [ValueType(x.dtype, PartialShape(dimensions[..<2] + ones))]
  }

  /// X and Indices [N, C, ...] -> [N, C, ...]: larger by the window's rule reversed, or as the third input says.
  private static func inferMaxUnpool(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    _ = try context.type(1, of: [.int64])
    try context.requireSameShape(0, 1)
    if context.hasInput(2) { return [ValueType(x.dtype, try context.requestedShape(2))] }
    guard let dimensions = x.shape.dimensions else { return [x] }
    let window = try context.poolingWindow(rank: dimensions.count)
    // Every axis stands for itself: an unknown size is replaced by a large one, whose result is not used.
    let sizes = dimensions[2...].map { $0.size ?? 1 << 20 }
    let results = try window.transposedWindows(over: sizes, of: context.node).inputSizes
    let spatial = zip(dimensions[2...], results).map {
      $0.size == nil ? Dimension.unknown : .known($1)
    }
    return [ValueType(x.dtype, PartialShape(dimensions[..<2] + spatial))]
  }

  private static func inferMaxPoolGradient(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    let dy = try context.type(1)
    try context.requireSameDType(0...1)
    let pooled = try context.pooledShape(0)
    if let expected = pooled.dimensions, let found = dy.shape.dimensions,
      expected.count != found.count || !zip(expected, found).allSatisfy({ $0.canEqual($1) })
    {
      throw context.error("dY is \(dy); MaxPool of \(x) has the shape \(pooled)")
    }
    return [x]
  }

  private static func inferAveragePoolGradient(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let dy = try context.type(0, of: DType.floatingPointTypes)
    let asked = try context.requestedShape(1)
    if asked.dimensions != nil { return [ValueType(dy.dtype, asked)] }
    guard let dimensions = dy.shape.dimensions else { return [dy] }
    let open = [Dimension](repeating: .unknown, count: max(dimensions.count - 2, 0))
    return [ValueType(dy.dtype, PartialShape(dimensions.prefix(2) + open))]
  }
}

extension ShapeContext {
  /// The shape of a pooling of input `input`.
  fileprivate func pooledShape(_ input: Int) throws(GraphError) -> PartialShape {
    guard let dimensions = try type(input).shape.dimensions else { return .unranked }
    let window = try poolingWindow(rank: dimensions.count)
    return PartialShape(
      try dimensions[..<2] + window.outputDimensions(Array(dimensions[2...]), of: node)
    )
  }

  /// The window attributes of a pooling over [N, C] and `rank - 2` spatial axes.
  fileprivate func poolingWindow(rank: Int) throws(GraphError) -> WindowAttributes {
    guard (3...5).contains(rank) else {
      throw error("input 0 is \(try type(0)); it must be [N, C] and 1 to 3 spatial dimensions")
    }
    guard let kernel = try node.ints("kernel_shape"), kernel.count == rank - 2 else {
      throw error("kernel_shape must have \(rank - 2) sizes for \(try type(0))")
    }
    return try WindowAttributes(node, kernel: kernel)
  }
}
