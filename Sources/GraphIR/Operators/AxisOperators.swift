import Tensors

extension OperatorRegistry {
  /// Operators that work along one axis and keep the others.
  package static let axisOperators: [OperatorDefinition] = [
    cumulative("CumSum", "running sum along an axis; exclusive, reverse"),
    cumulative("CumProd", "running product along an axis; exclusive, reverse"),
    normalizing("Softmax", "exp(x) / sum of exp(x) along an axis"),
    normalizing("LogSoftmax", "x - log(sum of exp(x)) along an axis"),
    normalizing("Hardmax", "1 at the first largest element along an axis, else 0"),
    topK,
  ]

  /// The axis is an operand here, of int32 or int64.
  private static func cumulative(_ name: OperatorName, _ summary: String) -> OperatorDefinition {
    OperatorDefinition(name, inputs: 2...2, summary: summary) { context throws(GraphError) in
      let type = try context.type(0, of: DType.numericTypes)
      _ = try context.type(1, of: DType.indexTypes)
      try context.requireScalar(1)
      if let rank = type.shape.rank, let axis = try context.integers(1)?.first {
        _ = try context.node.normalizedAxis(axis, rank: rank)
      }
      return [type]
    }
  }

  private static func normalizing(_ name: OperatorName, _ summary: String) -> OperatorDefinition {
    OperatorDefinition(name, inputs: 1...1, summary: summary) { context throws(GraphError) in
      let type = try context.type(0, of: DType.floatingPointTypes)
      if let rank = type.shape.rank {
        _ = try context.node.normalizedAxis(try context.node.int("axis", default: -1), rank: rank)
      }
      return [type]
    }
  }

  /// Attributes: axis (-1), largest (1), sorted (1).
  private static let topK = OperatorDefinition(
    "TopK",
    inputs: 2...2,
    outputs: 2...2,
    shapeOperands: [1],
    summary: "the k largest or smallest elements along an axis, and their positions"
  ) { context throws(GraphError) in
    let type = try context.type(0, of: DType.numericTypes)
    _ = try context.type(1, of: DType.indexTypes)
    try context.requireScalar(1)
    guard var dimensions = type.shape.dimensions else {
      return [type, ValueType(.int64, .unranked)]
    }
    let axis = try context.node.normalizedAxis(
      try context.node.int("axis", default: -1),
      rank: dimensions.count
    )
    let k = try context.integers(1)?.first
    if let k {
      guard k >= 0, k <= dimensions[axis].size ?? k else {
        throw context.error("k = \(k) elements along axis \(axis) of \(type)")
      }
    }
    dimensions[axis] = k.map { .known($0) } ?? .unknown
    let shape = PartialShape(dimensions)
    return [ValueType(type.dtype, shape), ValueType(.int64, shape)]
  }
}
