import Tensors

extension OperatorRegistry {
  /// Numbers as small integers with a scale, and products of those.
  static let quantization: [OperatorDefinition] = [
    OperatorDefinition(
      "QuantizeLinear",
      inputs: 2...3,
      summary: "saturate(round(x / scale) + zero_point), for the tensor, by axis or by blocks",
      infer: inferQuantizeLinear
    ),
    OperatorDefinition(
      "DequantizeLinear",
      inputs: 2...3,
      summary: "(x - zero_point) * scale, for the tensor, by axis or by blocks",
      infer: inferDequantizeLinear
    ),
    OperatorDefinition(
      "DynamicQuantizeLinear",
      inputs: 1...1,
      outputs: 3...3,
      summary: "x as uint8 with a scale and zero point that fit its range"
    ) { context throws(GraphError) in
      let x = try context.type(0, of: [.float32])
      return [ValueType(.uint8, x.shape), ValueType(.float32, []), ValueType(.uint8, [])]
    },
    OperatorDefinition(
      "MatMulInteger",
      inputs: 2...4,
      summary: "(A - a_zero_point) times (B - b_zero_point) in int32"
    ) { context throws(GraphError) in
      for input in 0...1 { _ = try context.type(input, of: [.int8, .uint8]) }
      try context.requireSameDType([0, 2])
      try context.requireSameDType([1, 3])
      return [ValueType(.int32, try context.matrixProduct(0, 1))]
    },
    OperatorDefinition(
      "ConvInteger",
      inputs: 2...4,
      summary: "Conv of (x - x_zero_point) with (w - w_zero_point) in int32"
    ) { context throws(GraphError) in
      for input in 0...1 { _ = try context.type(input, of: [.int8, .uint8]) }
      try context.requireSameDType([0, 2])
      try context.requireSameDType([1, 3])
      return [ValueType(.int32, try context.convolved(0, 1))]
    },
  ]

  /// What values may be quantised to.
  private static let quantizedTypes: Set<DType> = [.int8, .uint8, .int16, .uint16]

  private static func inferQuantizeLinear(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes.union([.int32]))
    _ = try context.type(1, of: DType.floatingPointTypes)
    let code = try context.node.int("output_dtype", default: 0)
    var result = DType.uint8
    if context.hasInput(2) {
      result = try context.type(2, of: quantizedTypes).dtype
      try context.requireSameShape(1, 2)
    } else if code != 0 {
      guard let asked = DType(onnxCode: code), quantizedTypes.contains(asked) else {
        throw context.error("output_dtype is \(code), expected one of \(quantizedTypes.listed)")
      }
      result = asked
    }
    guard code == 0 || code == result.onnxCode else {
      throw context.error("output_dtype is \(code), the zero point is \(result)")
    }
    return [ValueType(result, x.shape)]
  }

  private static func inferDequantizeLinear(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: quantizedTypes.union([.int32]))
    let scale = try context.type(1, of: DType.floatingPointTypes)
    try context.requireSameDType([0, 2])
    if context.hasInput(2) { try context.requireSameShape(1, 2) }
    return [ValueType(scale.dtype, x.shape)]
  }
}
