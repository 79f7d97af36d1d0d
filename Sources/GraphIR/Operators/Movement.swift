import Tensors

extension OperatorRegistry {
  /// Operators that only move elements, or tell how many there are.
  static let movement: [OperatorDefinition] = [
    OperatorDefinition(
      "Shape",
      inputs: 1...1,
      summary: "The sizes of dimensions start..<end, int64",
      infer: inferShape
    ),
    OperatorDefinition("Size", inputs: 1...1, summary: "The number of elements, int64 scalar") {
      context throws(GraphError) in
      _ = try context.type(0)
      return [ValueType(.int64, [])]
    },
    OperatorDefinition(
      "Reshape",
      inputs: 2...2,
      shapeOperands: [1],
      summary: "The same elements in another shape; -1 is inferred, 0 copied unless allowzero",
      infer: inferReshape
    ),
    OperatorDefinition(
      "Flatten",
      inputs: 1...1,
      summary: "A matrix: dimensions before axis by the others",
      infer: inferFlatten
    ),
    OperatorDefinition(
      "Squeeze",
      inputs: 1...2,
      shapeOperands: [1],
      summary: "Without the dimensions of size 1 (those named, or all)",
      infer: inferSqueeze
    ),
    OperatorDefinition(
      "Unsqueeze",
      inputs: 2...2,
      shapeOperands: [1],
      summary: "With dimensions of size 1 at the given axes of the result",
      infer: inferUnsqueeze
    ),
    OperatorDefinition(
      "Transpose",
      inputs: 1...1,
      summary: "Dimensions in the order perm, or reversed",
      infer: inferTranspose
    ),
    OperatorDefinition(
      "Concat",
      inputs: 1...Int(Int32.max),
      summary: "Operands one behind the other along axis",
      infer: inferConcat
    ),
    OperatorDefinition(
      "Split",
      inputs: 1...2,
      outputs: 1...Int(Int32.max),
      shapeOperands: [1],
      summary: "Parts along axis, of the sizes split or num_outputs equal ones",
      infer: inferSplit
    ),
    OperatorDefinition(
      "Slice",
      inputs: 3...5,
      shapeOperands: [1, 2, 3, 4],
      summary: "Every step-th element of start..<end along the given axes",
      infer: inferSlice
    ),
    OperatorDefinition(
      "Pad",
      inputs: 2...4,
      shapeOperands: [1, 3],
      summary: "More (or, where negative, less) at the ends: constant, reflect, edge or wrap",
      infer: inferPad
    ),
    OperatorDefinition(
      "Expand",
      inputs: 2...2,
      shapeOperands: [1],
      summary: "Broadcast with the given shape, both ways",
      infer: inferExpand
    ),
    OperatorDefinition(
      "Tile",
      inputs: 2...2,
      shapeOperands: [1],
      summary: "Repeated along every axis",
      infer: inferTile
    ),
    OperatorDefinition(
      "DepthToSpace",
      inputs: 1...1,
      summary: "Blocks of channels become blocks of cells",
      infer: inferDepthToSpace
    ),
    OperatorDefinition(
      "SpaceToDepth",
      inputs: 1...1,
      summary: "Blocks of cells become channels",
      infer: inferSpaceToDepth
    ),
    OperatorDefinition(
      "ReverseSequence",
      inputs: 2...2,
      summary: "The first sequence_lens[b] steps of batch entry b in reverse order",
      infer: inferReverseSequence
    ),
    OperatorDefinition(
      "CenterCropPad",
      inputs: 2...2,
      shapeOperands: [1],
      summary: "Cropped or zero-padded around the centre to the given sizes",
      infer: inferCenterCropPad
    ),
  ]

  private static func inferShape(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    guard let rank = try context.type(0).shape.rank else {
      return [ValueType(.int64, .unknown(rank: 1))]
    }
    return [ValueType(.int64, [.known(try context.node.shapeRange(rank: rank).count)])]
  }

  private static func inferFlatten(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0)
    guard let dimensions = x.shape.dimensions else {
      return [ValueType(x.dtype, .unknown(rank: 2))]
    }
    let axis = try context.node.flattenAxis(rank: dimensions.count)
    return [
      ValueType(
        x.dtype,
        [try context.product(dimensions[..<axis]), try context.product(dimensions[axis...])]
      )
    ]
  }

  private static func inferSqueeze(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0)
    guard let dimensions = x.shape.dimensions else { return [ValueType(x.dtype, .unranked)] }
    guard context.hasInput(1) else {
      guard dimensions.allSatisfy({ $0.size != nil }) else {
        return [ValueType(x.dtype, .unranked)]
      }
      return [ValueType(x.dtype, PartialShape(dimensions.filter { $0 != .known(1) }))]
    }
    guard let axes = try context.integers(1) else {
      let count = try context.dimensions(1, rank: 1)[0].size
      let rank = count.map { dimensions.count - $0 }
      guard let rank, rank >= 0 else { return [ValueType(x.dtype, .unranked)] }
      return [ValueType(x.dtype, .unknown(rank: rank))]
    }
    let dropped = try context.node.normalizedAxes(axes, rank: dimensions.count)
    for axis in dropped where !dimensions[axis].canEqual(.known(1)) {
      throw context.error("axis \(axis) of \(x) is not of size 1 and cannot be squeezed")
    }
    let kept = dimensions.indices.filter { !dropped.contains($0) }.map { dimensions[$0] }
    return [ValueType(x.dtype, PartialShape(kept))]
  }

  private static func inferUnsqueeze(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0)
    guard let dimensions = x.shape.dimensions else { return [ValueType(x.dtype, .unranked)] }
    guard let axes = try context.integers(1) else {
      guard let count = try context.dimensions(1, rank: 1)[0].size else {
        return [ValueType(x.dtype, .unranked)]
      }
      return [
        ValueType(x.dtype, .unknown(rank: try context.checkedRank(dimensions.count + count)))
      ]
    }
    let rank = try context.checkedRank(dimensions.count + axes.count)
    var result = dimensions
    for axis in try context.node.normalizedAxes(axes, rank: rank).sorted() {
      result.insert(.known(1), at: axis)
    }
    return [ValueType(x.dtype, PartialShape(result))]
  }

  private static func inferTranspose(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0)
    guard let dimensions = x.shape.dimensions else {
      let rank = try context.node.ints("perm")?.count
      guard let rank else { return [x] }
      return [ValueType(x.dtype, .unknown(rank: try context.checkedRank(rank)))]
    }
    let order = try context.node.permutation(rank: dimensions.count)
    return [ValueType(x.dtype, PartialShape(order.map { dimensions[$0] }))]
  }

  private static func inferExpand(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0)
    let asked = try context.requestedShape(1)
    guard let result = PartialShape.broadcast(x.shape, asked) else {
      throw context.error("input 0 is \(x), which does not broadcast with the shape \(asked)")
    }
    return [ValueType(x.dtype, result)]
  }

  private static func inferTile(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0)
    guard let dimensions = x.shape.dimensions else { return [x] }
    try context.requireVector(1, of: .known(dimensions.count))
    guard let repeats = try context.integers(1) else {
      return [ValueType(x.dtype, .unknown(rank: dimensions.count))]
    }
    guard repeats.count == dimensions.count, repeats.allSatisfy({ $0 >= 0 }) else {
      throw context.error(
        "repeats is \(repeats), expected \(dimensions.count) numbers of at least 0"
      )
    }
    var result: [Dimension] = []
    for (size, count) in zip(dimensions, repeats) {
      result.append(try context.product([size, .known(count)]))
    }
    return [ValueType(x.dtype, PartialShape(result))]
  }

  /// [N, C, H, W] -> [N, C / b^2, H b, W b].
  private static func inferDepthToSpace(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0)
    let d = try context.dimensions(0, rank: 4)
    let block = try context.node.blockSize()
    _ = try context.node.isColumnRowDepth()
    guard (d[1].size ?? 0) % (block * block) == 0 else {
      throw context.error("the channels of \(x) do not divide by blocksize \(block) squared")
    }
    let channels: Dimension = d[1].size.map { .known($0 / (block * block)) } ?? .unknown
    return [
      ValueType(
        x.dtype,
        [
          d[0], channels, try context.product([d[2], .known(block)]),
          try context.product([d[3], .known(block)]),
        ]
      )
    ]
  }

  /// [N, C, H, W] -> [N, C b^2, H / b, W / b].
  private static func inferSpaceToDepth(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0)
    let d = try context.dimensions(0, rank: 4)
    let block = try context.node.blockSize()
    guard (d[2].size ?? 0) % block == 0, (d[3].size ?? 0) % block == 0 else {
      throw context.error("height and width of \(x) do not divide by blocksize \(block)")
    }
    let channels = try context.product([d[1], .known(block), .known(block)])
    let spatial = d[2...].map { $0.size.map { Dimension.known($0 / block) } ?? .unknown }
    return [ValueType(x.dtype, PartialShape([d[0], channels] + spatial))]
  }

  private static func inferReverseSequence(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let x = try context.type(0)
    _ = try context.type(1, of: [.int64])
    let batch = try context.node.sequenceAxes().batch
    if let dimensions = x.shape.dimensions {
      guard dimensions.count >= 2 else {
        throw context.error("input 0 is \(x); it must have at least 2 dimensions")
      }
      try context.requireVector(1, of: dimensions[batch])
    }
    return [x]
  }

  private static func inferCenterCropPad(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let x = try context.type(0)
    guard var dimensions = x.shape.dimensions else { return [x] }
    let axes = try context.node.normalizedAxes(
      context.node.ints("axes") ?? Array(0..<dimensions.count),
      rank: dimensions.count
    )
    try context.requireVector(1, of: .known(axes.count))
    let sizes = try context.requestedShape(1).dimensions
    for (position, axis) in axes.enumerated() {
      dimensions[axis] = sizes.map { $0[position] } ?? .unknown
    }
    return [ValueType(x.dtype, PartialShape(dimensions))]
  }
}
