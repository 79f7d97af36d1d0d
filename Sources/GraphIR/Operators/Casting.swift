package import Tensors

extension OperatorRegistry {
  /// The same values, or bits, in another element type.
  package static let casting: [OperatorDefinition] = [
    OperatorDefinition(
      "Cast",
      inputs: 1...1,
      summary: "x in the element type `to`; floats become integers by truncation, saturating"
    ) { context throws(GraphError) in
      [ValueType(try context.node.dtype("to"), try context.type(0).shape)]
    },
    OperatorDefinition(
      "CastLike",
      inputs: 2...2,
      summary: "x in the element type of the second input"
    ) { context throws(GraphError) in
      [ValueType(try context.type(1).dtype, try context.type(0).shape)]
    },
    OperatorDefinition(
      "BitCast",
      inputs: 1...1,
      summary: "the bits of x read as the element type `to` of equal size"
    ) { context throws(GraphError) in
      let type = try context.type(0)
      let target = try context.node.dtype("to")
      guard target.byteCount == type.dtype.byteCount else {
        throw context.error(
          "elements of \(type) take \(type.dtype.byteCount) bytes, those of \(target) "
            + "\(target.byteCount)"
        )
      }
      return [ValueType(target, type.shape)]
    },
  ]
}

extension Node {
  /// An attribute that names an element type by its number in ONNX's `TensorProto.DataType`.
  ///
  /// - Throws: `GraphError` where it is missing or a type that we do not have.
  package func dtype(_ name: String) throws(GraphError) -> DType {
    guard let dtype = try optionalDType(name) else {
      throw .operands(node: self.name, op: op, detail: "attribute \(name) is required")
    }
    return dtype
  }

  /// As `dtype(_:)`, `nil` where the attribute is missing.
  package func optionalDType(_ name: String) throws(GraphError) -> DType? {
    guard attributes[name] != nil else { return nil }
    let code = try int(name, default: 0)
    guard let dtype = DType(onnxCode: code) else {
      throw .unsupported(
        node: self.name,
        op: op,
        detail: "attribute \(name) = \(code): ONNX element type \(code)"
      )
    }
    return dtype
  }
}
