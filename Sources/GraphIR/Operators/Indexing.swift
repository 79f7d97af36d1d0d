import Tensors

extension OperatorRegistry {
  /// Operators that pick or place elements by index.
  ///
  /// Negative indices count from the end; others out of range are errors of the run.
  static let indexing: [OperatorDefinition] = [
    OperatorDefinition(
      "Gather",
      inputs: 2...2,
      summary: "Slices of data along axis, chosen by indices of any shape",
      infer: inferGather
    ),
    OperatorDefinition(
      .martlet("GatherGradient"),
      inputs: 3...3,
      shapeOperands: [2],
      summary: "d data of Gather from (dy, indices, the shape of data): slices added up",
      infer: inferGatherGradient
    ),
    OperatorDefinition(
      "GatherElements",
      inputs: 2...2,
      summary: "data at the index's own position, except along axis where the index says",
      infer: inferGatherElements
    ),
    OperatorDefinition(
      "GatherND",
      inputs: 2...2,
      summary: "Slices of data at index tuples, by batch",
      infer: inferGatherND
    ),
    OperatorDefinition(
      "ScatterElements",
      inputs: 3...3,
      summary: "data with updates put (or combined) where indices say along axis",
      infer: inferScatterElements
    ),
    OperatorDefinition(
      "ScatterND",
      inputs: 3...3,
      summary: "data with slices put (or combined) at index tuples",
      infer: inferScatterND
    ),
    OperatorDefinition(
      "NonZero",
      inputs: 1...1,
      isDataDependent: true,
      summary: "The indices of all elements that are not 0, one column each [rank, count]"
    ) { context throws(GraphError) in
      let rank = try context.type(0).shape.rank
      return [ValueType(.int64, [rank.map { .known($0) } ?? .unknown, .unknown])]
    },
    OperatorDefinition(
      "Compress",
      inputs: 2...2,
      isDataDependent: true,
      summary: "The slices along axis (or the elements) whose condition is true",
      infer: inferCompress
    ),
    OperatorDefinition(
      "Unique",
      inputs: 1...1,
      outputs: 1...4,
      isDataDependent: true,
      summary: "The different elements or slices, first indices, inverse indices and counts",
      infer: inferUnique
    ),
  ]

  /// data [...a, L, ...b], indices [i...] -> [...a, i..., ...b].
  private static func inferGather(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let data = try context.type(0)
    let indices = try context.type(1, of: DType.indexTypes)
    guard let sizes = data.shape.dimensions, let picked = indices.shape.dimensions else {
      return [ValueType(data.dtype, .unranked)]
    }
    let axis = try context.node.normalizedAxis(
      context.node.int("axis", default: 0),
      rank: sizes.count
    )
    _ = try context.checkedRank(sizes.count - 1 + picked.count)
    return [ValueType(data.dtype, PartialShape(sizes[..<axis] + picked + sizes[(axis + 1)...]))]
  }

  private static func inferGatherGradient(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let dy = try context.type(0, of: DType.floatingPointTypes)
    let indices = try context.type(1, of: DType.indexTypes)
    let asked = try context.requestedShape(2)
    if let rank = asked.rank {
      _ = try context.node.normalizedAxis(context.node.int("axis", default: 0), rank: rank)
      if let found = dy.shape.rank, let picked = indices.shape.rank, found != rank - 1 + picked {
        throw context.error("dy is \(dy) for indices \(indices) into a rank \(rank) tensor")
      }
    }
    return [ValueType(dy.dtype, asked)]
  }

  private static func inferGatherElements(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let data = try context.type(0)
    let indices = try context.type(1, of: DType.indexTypes)
    if let rank = data.shape.rank {
      _ = try context.node.normalizedAxis(context.node.int("axis", default: 0), rank: rank)
      try context.dimensions(1, rank: rank)
    }
    return [ValueType(data.dtype, indices.shape)]
  }

  /// data [b..., ...], indices [b..., i..., K] -> [b..., i..., dimensions of data behind batch and K].
  private static func inferGatherND(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let data = try context.type(0)
    let indices = try context.type(1, of: [.int64])
    guard let sizes = data.shape.dimensions, let places = indices.shape.dimensions,
      let depth = places.last?.size
    else { return [ValueType(data.dtype, .unranked)] }
    let batch = try context.node.int("batch_dims", default: 0)
    guard batch >= 0, batch < min(sizes.count, places.count),
      (0...sizes.count - batch).contains(depth)
    else {
      throw context.error("data is \(data), indices \(indices), batch_dims \(batch)")
    }
    let result = places.dropLast() + sizes[(batch + depth)...]
    _ = try context.checkedRank(result.count)
    return [ValueType(data.dtype, PartialShape(Array(result)))]
  }

  private static func inferScatterElements(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let data = try context.type(0)
    _ = try context.type(1, of: DType.indexTypes)
    try context.requireSameDType([0, 2])
    try context.requireSameShape(1, 2)
    try context.requireScatterReduction()
    if let rank = data.shape.rank {
      _ = try context.node.normalizedAxis(context.node.int("axis", default: 0), rank: rank)
      try context.dimensions(1, rank: rank)
    }
    return [data]
  }

  private static func inferScatterND(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let data = try context.type(0)
    let indices = try context.type(1, of: [.int64])
    let updates = try context.type(2)
    try context.requireSameDType([0, 2])
    try context.requireScatterReduction()
    if let sizes = data.shape.dimensions, let places = indices.shape.dimensions,
      let depth = places.last?.size
    {
      guard depth <= sizes.count else {
        throw context.error("indices \(indices) have \(depth) coordinates, data is \(data)")
      }
      let expected = Array(places.dropLast() + sizes[depth...])
      if let found = updates.shape.dimensions,
        found.count != expected.count || !zip(found, expected).allSatisfy({ $0.canEqual($1) })
      {
        throw context.error("updates are \(updates), expected \(PartialShape(expected))")
      }
    }
    return [data]
  }

  private static func inferCompress(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let data = try context.type(0)
    _ = try context.type(1, of: [.bool])
    try context.dimensions(1, rank: 1)
    guard context.node.attributes["axis"] != nil else { return [ValueType(data.dtype, [.unknown])] }
    guard var sizes = data.shape.dimensions else { return [data] }
    let axis = try context.node.normalizedAxis(
      context.node.int("axis", default: 0),
      rank: sizes.count
    )
    sizes[axis] = .unknown
    return [ValueType(data.dtype, PartialShape(sizes))]
  }

  private static func inferUnique(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let data = try context.type(0)
    var result: PartialShape = [.unknown]
    if context.node.attributes["axis"] != nil {
      result = data.shape
      if var sizes = data.shape.dimensions {
        let axis = try context.node.normalizedAxis(
          context.node.int("axis", default: 0),
          rank: sizes.count
        )
        sizes[axis] = .unknown
        result = PartialShape(sizes)
      }
    }
    let indices = ValueType(.int64, [.unknown])
    return [ValueType(data.dtype, result), indices, indices, indices]
  }
}

extension ShapeContext {
  fileprivate func requireScatterReduction() throws(GraphError) {
    let reduction = try node.string("reduction", default: "none")
    guard ["none", "add", "mul", "min", "max"].contains(reduction) else {
      throw error("reduction is \(reduction), expected none, add, mul, min or max")
    }
  }
}
