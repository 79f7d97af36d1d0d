import Tensors

extension OperatorRegistry {
  /// Random tensors, drawn from the session's seed and step; ONNX's `seed` attribute is ignored, for a session
  /// repeats its own draws exactly.
  package static let randomGenerators: [OperatorDefinition] = [
    sampled("RandomNormal", "normal numbers of the given mean and scale (deviation)"),
    sampled("RandomUniform", "uniform numbers in [low, high)"),
    sampledLike("RandomNormalLike", "normal numbers in the shape of x"),
    sampledLike("RandomUniformLike", "uniform numbers in the shape of x"),
    OperatorDefinition(
      "Bernoulli",
      inputs: 1...1,
      isRandom: true,
      summary: "1 with probability x, else 0"
    ) { context throws(GraphError) in
      let type = try context.type(0, of: DType.floatingPointTypes)
      return [ValueType(try context.node.optionalDType("dtype") ?? type.dtype, type.shape)]
    },
  ]

  /// Attributes: shape (required), dtype (float32).
  private static func sampled(_ name: OperatorName, _ summary: String) -> OperatorDefinition {
    OperatorDefinition(
      name,
      inputs: 0...0,
      isRandom: true,
      summary: summary
    ) { context throws(GraphError) in
      guard let sizes = try context.node.ints("shape") else {
        throw context.error("attribute shape is required")
      }
      let dtype = try context.node.sampledDType(default: .float32)
      do {
        return [ValueType(dtype, PartialShape(try Shape(validating: sizes)))]
      } catch {
        throw context.error("attribute shape: \(error)")
      }
    }
  }

  /// Attribute: dtype (that of x).
  private static func sampledLike(_ name: OperatorName, _ summary: String) -> OperatorDefinition {
    OperatorDefinition(
      name,
      inputs: 1...1,
      isRandom: true,
      summary: summary
    ) { context throws(GraphError) in
      let type = try context.type(0)
      return [ValueType(try context.node.sampledDType(default: type.dtype), type.shape)]
    }
  }
}

extension Node {
  fileprivate func sampledDType(default fallback: DType) throws(GraphError) -> DType {
    let dtype = try optionalDType("dtype") ?? fallback
    guard dtype.isFloatingPoint else {
      throw .operands(
        node: name,
        op: op,
        detail: "element type \(dtype); it must be \(DType.floatingPointTypes.listed)"
      )
    }
    return dtype
  }
}
