import Tensors

extension OperatorRegistry {
  /// Operators that make tensors from sizes, scalars or attributes.
  package static let generators: [OperatorDefinition] = [
    OperatorDefinition(
      "Constant",
      inputs: 0...0,
      summary: "the tensor of its attribute value, value_float(s), value_int(s)"
    ) { context throws(GraphError) in
      let tensor = try context.node.constantTensor()
      return [ValueType(tensor.dtype, PartialShape(tensor.shape))]
    },
    OperatorDefinition(
      "ConstantOfShape",
      inputs: 1...1,
      shapeOperands: [0],
      summary: "a tensor of the given shape filled with attribute value (0.0)"
    ) { context throws(GraphError) in
      [ValueType(try context.node.fillValue().dtype, try context.requestedShape(0))]
    },
    OperatorDefinition(
      "Range",
      inputs: 3...3,
      shapeOperands: [0, 1, 2],
      summary: "start, start + delta, ... up to limit, which is left out"
    ) { context throws(GraphError) in
      let dtype = try context.type(0, of: DType.numericTypes).dtype
      try context.requireSameDType(0..<3)
      for input in 0..<3 { try context.requireScalar(input) }
      guard let start = context.value(0), let limit = context.value(1), let delta = context.value(2)
      else { return [ValueType(dtype, [.unknown])] }
      let length = try context.node.rangeLength(start: start, limit: limit, delta: delta)
      return [ValueType(dtype, [.known(length)])]
    },
    OperatorDefinition(
      "EyeLike",
      inputs: 1...1,
      summary: "ones on diagonal k, zeros elsewhere, in the shape of x"
    ) { context throws(GraphError) in
      let type = try context.type(0)
      let dimensions = try context.dimensions(0, rank: 2)
      return [
        ValueType(try context.node.optionalDType("dtype") ?? type.dtype, PartialShape(dimensions))
      ]
    },
    oneHot,
    OperatorDefinition(
      "Trilu",
      inputs: 1...2,
      summary: "the upper or lower triangle of matrices, zeros elsewhere"
    ) { context throws(GraphError) in
      let type = try context.type(0)
      guard type.shape.rank ?? 2 >= 2 else {
        throw context.error("input 0 is \(type); it must have at least 2 dimensions")
      }
      if context.hasInput(1) {
        _ = try context.type(1, of: [.int64])
        try context.requireScalar(1)
      }
      return [type]
    },
    window("HannWindow", "0.5 - 0.5 cos(2 pi n / N)"),
    window("HammingWindow", "25/46 - 21/46 cos(2 pi n / N)"),
    window("BlackmanWindow", "0.42 - 0.5 cos(2 pi n / N) + 0.08 cos(4 pi n / N)"),
  ]

  /// Inputs: indices, depth (scalar), values [off, on]; attribute axis (-1).
  private static let oneHot = OperatorDefinition(
    "OneHot",
    inputs: 3...3,
    shapeOperands: [1],
    summary: "on at the index along a new axis of size depth, off elsewhere"
  ) { context throws(GraphError) in
    let indices = try context.type(0, of: DType.numericTypes)
    _ = try context.type(1, of: DType.numericTypes)
    try context.requireScalar(1)
    let values = try context.type(2)
    guard try context.dimensions(2, rank: 1)[0].size ?? 2 == 2 else {
      throw context.error("input 2 is \(values); it must hold [off, on]")
    }
    guard var dimensions = indices.shape.dimensions else {
      return [ValueType(values.dtype, .unranked)]
    }
    let rank = try context.checkedRank(dimensions.count + 1)
    let axis = try context.node.normalizedAxis(
      try context.node.int("axis", default: -1),
      rank: rank
    )
    let depth: Dimension
    if let tensor = context.value(1) {
      depth = .known(try context.node.oneHotDepth(tensor))
    } else {
      depth = .unknown
    }
    dimensions.insert(depth, at: axis)
    return [ValueType(values.dtype, PartialShape(dimensions))]
  }

  /// Attributes: periodic (1: N is the size, else the size less one), output_datatype (float32).
  private static func window(_ name: OperatorName, _ formula: String) -> OperatorDefinition {
    OperatorDefinition(
      name,
      inputs: 1...1,
      shapeOperands: [0],
      summary: formula
    ) { context throws(GraphError) in
      _ = try context.type(0, of: DType.indexTypes)
      try context.requireScalar(0)
      let dtype = try context.node.optionalDType("output_datatype") ?? .float32
      guard let size = try context.integers(0)?.first else {
        return [ValueType(dtype, [.unknown])]
      }
      guard (0...Shape.elementCountMax).contains(size) else {
        throw context.error("a window of \(size) elements")
      }
      return [ValueType(dtype, [.known(size)])]
    }
  }
}
