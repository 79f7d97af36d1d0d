import Tensors

extension OperatorRegistry {
  /// z = f(a, b, ...), element by element after NumPy broadcasting.
  ///
  /// Operands share one element type, which the result has too; comparisons give bool.
  package static let elementwiseBinary: [OperatorDefinition] =
    arithmetic + logic + comparisons + variadic + [power, parametricRelu, bitShift, select]

  private static let arithmetic = [
    broadcasting("Add", of: DType.numericTypes, "a + b; integers wrap"),
    broadcasting("Sub", of: DType.numericTypes, "a - b; integers wrap"),
    broadcasting("Mul", of: DType.numericTypes, "a b; integers wrap"),
    broadcasting(
      "Div",
      of: DType.numericTypes,
      "a / b; integers truncate, and give 0 where b is 0"
    ),
    broadcasting(
      "Mod",
      of: DType.numericTypes,
      "remainder with the sign of b, with fmod = 1 that of a"
    ),
  ]

  private static let logic = [
    broadcasting("And", of: [.bool], "true where both are"),
    broadcasting("Or", of: [.bool], "true where one is"),
    broadcasting("Xor", of: [.bool], "true where exactly one is"),
    broadcasting("BitwiseAnd", of: DType.integerTypes, "bits that both have"),
    broadcasting("BitwiseOr", of: DType.integerTypes, "bits that one has"),
    broadcasting("BitwiseXor", of: DType.integerTypes, "bits that exactly one has"),
  ]

  private static let comparisons = [
    broadcasting("Equal", of: DType.allTypes, to: .bool, "a = b"),
    broadcasting("Less", of: DType.numericTypes, to: .bool, "a < b"),
    broadcasting("LessOrEqual", of: DType.numericTypes, to: .bool, "a <= b"),
    broadcasting("Greater", of: DType.numericTypes, to: .bool, "a > b"),
    broadcasting("GreaterOrEqual", of: DType.numericTypes, to: .bool, "a >= b"),
  ]

  private static let any = 1...Int(Int32.max)

  private static let variadic = [
    broadcasting("Max", any, of: DType.numericTypes, "the largest operand; NaN where one is NaN"),
    broadcasting("Min", any, of: DType.numericTypes, "the smallest operand; NaN where one is NaN"),
    broadcasting("Sum", any, of: DType.numericTypes, "the sum of the operands"),
    broadcasting("Mean", any, of: DType.numericTypes, "the mean of the operands"),
  ]

  private static let power = OperatorDefinition(
    "Pow",
    inputs: 2...2,
    summary: "a to the power of b, in the type of a"
  ) { context throws(GraphError) in
    let dtype = try context.type(0, of: DType.numericTypes).dtype
    _ = try context.type(1, of: DType.numericTypes)
    return [ValueType(dtype, try context.broadcast(0..<2))]
  }

  private static let parametricRelu = OperatorDefinition(
    "PRelu",
    inputs: 2...2,
    summary: "x, for x < 0 slope x; slope broadcasts to the shape of x"
  ) { context throws(GraphError) in
    let type = try context.type(0, of: DType.numericTypes)
    try context.requireSameDType(0..<2)
    try context.requireBroadcast(of: 1, to: type.shape)
    return [type]
  }

  private static let bitShift = OperatorDefinition(
    "BitShift",
    inputs: 2...2,
    summary: "a shifted by b bits to the LEFT or RIGHT"
  ) { context throws(GraphError) in
    let direction = try context.node.string("direction", default: "")
    guard ["LEFT", "RIGHT"].contains(direction) else {
      throw context.error("attribute direction is \"\(direction)\"; it must be LEFT or RIGHT")
    }
    let dtype = try context.type(0, of: DType.integerTypes).dtype
    try context.requireSameDType(0..<2)
    return [ValueType(dtype, try context.broadcast(0..<2))]
  }

  private static let select = OperatorDefinition(
    "Where",
    inputs: 3...3,
    summary: "a where the condition is true, else b"
  ) { context throws(GraphError) in
    _ = try context.type(0, of: [.bool])
    try context.requireSameDType(1..<3)
    return [ValueType(try context.type(1).dtype, try context.broadcast(0..<3))]
  }

  private static func broadcasting(
    _ name: OperatorName,
    _ inputs: ClosedRange<Int> = 2...2,
    of dtypes: Set<DType>,
    to result: DType? = nil,
    _ summary: String
  ) -> OperatorDefinition {
    OperatorDefinition(name, inputs: inputs, summary: summary) { context throws(GraphError) in
      let positions = 0..<context.node.inputs.count
      let dtype = try context.type(0, of: dtypes).dtype
      try context.requireSameDType(positions)
      return [ValueType(result ?? dtype, try context.broadcast(positions))]
    }
  }
}
