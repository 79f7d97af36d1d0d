package import Tensors

extension OperatorRegistry {
  /// Normalisations, and what training needs of them.
  static let normalization: [OperatorDefinition] = [
    OperatorDefinition(
      "BatchNormalization",
      inputs: 5...5,
      outputs: 1...3,
      summary:
        "(x - mean[c]) / sqrt(variance[c] + epsilon) * scale[c] + bias[c]; training_mode uses the batch's statistics",
      infer: inferBatchNormalization
    ),
    OperatorDefinition(
      .martlet("BatchNormalizationGradient"),
      inputs: 5...5,
      outputs: 3...3,
      summary: "(dx, dscale, dbias) of BatchNormalization from (x, dy, scale, mean, variance)",
      infer: inferBatchNormalizationGradient
    ),
    OperatorDefinition(
      .martlet("BatchStatistics"),
      inputs: 1...1,
      outputs: 2...2,
      summary: "mean[c] and biased variance[c] over all axes but 1",
      infer: inferBatchStatistics
    ),
    OperatorDefinition(
      "InstanceNormalization",
      inputs: 3...3,
      summary: "Every channel of every sample to mean 0 and variance 1, then scale and bias",
      infer: inferInstanceNormalization
    ),
    OperatorDefinition(
      "LayerNormalization",
      inputs: 2...3,
      outputs: 1...3,
      summary: "The dimensions from axis on to mean 0 and variance 1, then scale and bias",
      infer: inferLayerNormalization
    ),
    OperatorDefinition(
      "GroupNormalization",
      inputs: 3...3,
      summary: "Every group of channels to mean 0 and variance 1, then scale and bias by channel",
      infer: inferGroupNormalization
    ),
    OperatorDefinition(
      "RMSNormalization",
      inputs: 2...2,
      summary: "x / sqrt(mean of x^2 + epsilon) * scale over the dimensions from axis on",
      infer: inferRMSNormalization
    ),
    OperatorDefinition(
      "LRN",
      inputs: 1...1,
      summary: "x / (bias + alpha / size * sum of x^2 over size neighbouring channels)^beta",
      infer: inferLRN
    ),
    OperatorDefinition(
      "LpNormalization",
      inputs: 1...1,
      summary: "x / (sum |x|^p)^(1/p) along axis; p is 1 or 2",
      infer: inferLpNormalization
    ),
    OperatorDefinition(
      "MeanVarianceNormalization",
      inputs: 1...1,
      summary: "(x - mean) / (deviation + 1e-9) over axes",
      infer: inferMeanVariance
    ),
  ]

  /// X [N, C, ...]; scale, bias [C]; mean, variance [C] -> Y and, in training, the running mean and variance.
  private static func inferBatchNormalization(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    let mean = try context.type(3, of: DType.floatingPointTypes)
    try context.requireSameDType(1...2)
    try context.requireSameDType(3...4)
    let channels = try context.channels(of: x)
    for input in 1...4 { try context.requireVector(input, of: channels) }
    guard try context.node.flag("training_mode", default: false) else {
      guard context.node.outputs.count == 1 else {
        throw context.error("the running statistics are outputs only with training_mode = 1")
      }
      return [x]
    }
    let statistics = ValueType(mean.dtype, [channels])
    return [x, statistics, statistics]
  }

  private static func inferBatchNormalizationGradient(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    try context.requireSameDType(0...1)
    try context.requireSameShape(0, 1)
    let channels = try context.channels(of: x)
    for input in 2...4 { try context.requireVector(input, of: channels) }
    let scale = ValueType(try context.type(2).dtype, [channels])
    return [x, scale, scale]
  }

  private static func inferBatchStatistics(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    let statistics = ValueType(x.dtype, [try context.channels(of: x)])
    return [statistics, statistics]
  }

  private static func inferInstanceNormalization(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    try context.requireSameDType(0...2)
    let channels = try context.channels(of: x)
    for input in 1...2 { try context.requireVector(input, of: channels) }
    return [x]
  }

  /// X, scale and bias that broadcast to the normalised dimensions -> Y, mean and 1 / deviation with ones from axis on.
  private static func inferLayerNormalization(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    try context.requireSameDType(0...2)
    for input in 1...2 where context.hasInput(input) {
      try context.requireBroadcast(of: input, to: x.shape)
    }
    let stash = try context.node.stashType(for: x.dtype)
    guard let dimensions = x.shape.dimensions else {
      return [x, ValueType(stash, .unranked), ValueType(stash, .unranked)]
    }
    let axis = try context.node.normalizedAxis(
      context.node.int("axis", default: -1),
      rank: dimensions.count
    )
    let ones = [Dimension](repeating: .known(1), count: dimensions.count - axis)
    let statistics = ValueType(stash, PartialShape(dimensions[..<axis] + ones))
    return [x, statistics, statistics]
  }

  private static func inferGroupNormalization(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    try context.requireSameDType(0...2)
    let channels = try context.channels(of: x)
    let groups = try context.node.int("num_groups", default: 0)
    guard groups > 0, (channels.size ?? 0) % groups == 0 else {
      throw context.error("num_groups is \(groups), which does not divide the channels of \(x)")
    }
    for input in 1...2 { try context.requireVector(input, of: channels) }
    return [x]
  }

  private static func inferRMSNormalization(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    let scale = try context.type(1, of: DType.floatingPointTypes)
    try context.requireBroadcast(of: 1, to: x.shape)
    if let rank = x.shape.rank {
      _ = try context.node.normalizedAxis(context.node.int("axis", default: -1), rank: rank)
    }
    return [ValueType(scale.dtype, x.shape)]
  }

  private static func inferLRN(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    _ = try context.channels(of: x)
    let size = try context.node.int("size", default: 0)
    guard size >= 1 else { throw context.error("size is \(size), expected a positive number") }
    return [x]
  }

  private static func inferLpNormalization(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    let p = try context.node.int("p", default: 2)
    guard p == 1 || p == 2 else { throw context.error("p is \(p), expected 1 or 2") }
    if let rank = x.shape.rank {
      _ = try context.node.normalizedAxis(context.node.int("axis", default: -1), rank: rank)
    }
    return [x]
  }

  private static func inferMeanVariance(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    if let rank = x.shape.rank {
      _ = try context.node.normalizedAxes(context.node.ints("axes") ?? [0, 2, 3], rank: rank)
    }
    return [x]
  }
}

extension Node {
  /// The type of LayerNormalization's statistics: `stash_type`, but never less exact than float64 data.
  package func stashType(for data: DType) throws(GraphError) -> DType {
    let code = try int("stash_type", default: DType.float32.onnxCode)
    guard let type = DType(onnxCode: code), type.isFloatingPoint else {
      throw .operands(
        node: name,
        op: op,
        detail: "stash_type is \(code), expected a floating-point type"
      )
    }
    return data == .float64 ? .float64 : type
  }
}

extension ShapeContext {
  /// Dimension 1 of a value with at least 2 dimensions.
  fileprivate func channels(of x: ValueType) throws(GraphError) -> Dimension {
    guard let dimensions = x.shape.dimensions else { return .unknown }
    guard dimensions.count >= 2 else {
      throw error("input 0 is \(x); it must be [N, C] and any further dimensions")
    }
    return dimensions[1]
  }
}
