import Tensors

extension OperatorRegistry {
  /// Matrix products.
  static let linear: [OperatorDefinition] = [
    OperatorDefinition(
      "MatMul",
      inputs: 2...2,
      summary: "A [..., M, K] times B [..., K, N], NumPy's matmul",
      infer: inferMatMul
    ),
    OperatorDefinition(
      "Gemm",
      inputs: 2...3,
      summary: "alpha * A' B' + beta * C with A' and B' optionally transposed",
      infer: inferGemm
    ),
  ]

  /// What MatMul and Gemm may multiply.
  private static let productTypes = DType.floatingPointTypes.union([
    .int32, .int64, .uint32, .uint64,
  ])

  /// A [..., M, K], B [..., K, N] -> [..., M, N]; a vector is a row on the left, a column on the right.
  private static func inferMatMul(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let a = try context.type(0, of: productTypes)
    try context.requireSameDType(0...1)
    return [ValueType(a.dtype, try context.matrixProduct(0, 1))]
  }

  /// A [M, K] or [K, M], B [K, N] or [N, K], C that broadcasts to [M, N] -> [M, N].
  private static func inferGemm(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let type = try context.type(0, of: productTypes)
    try context.requireSameDType(0...2)
    var a = try context.dimensions(0, rank: 2)
    var b = try context.dimensions(1, rank: 2)
    if try context.node.flag("transA", default: false) { a.reverse() }
    if try context.node.flag("transB", default: false) { b.reverse() }
    guard a[1].canEqual(b[0]) else {
      throw context.error(
        "A' is \(PartialShape(a)) and B' is \(PartialShape(b)); their inner sizes must agree"
      )
    }
    let result = PartialShape([a[0], b[1]])
    if context.hasInput(2) { try context.requireBroadcast(of: 2, to: result) }
    return [ValueType(type.dtype, result)]
  }
}

extension ShapeContext {
  /// The shape of NumPy's matmul of two inputs.
  ///
  /// - Throws: `GraphError.operands` for a scalar, inner sizes that differ, and batches that do not broadcast.
  func matrixProduct(_ left: Int, _ right: Int) throws(GraphError) -> PartialShape {
    let leftType = try type(left)
    let rightType = try type(right)
    guard var a = leftType.shape.dimensions, var b = rightType.shape.dimensions else {
      return .unranked
    }
    guard !a.isEmpty, !b.isEmpty else {
      throw error("the operands are \(leftType) and \(rightType); a scalar is no matrix")
    }
    let dropsRow = a.count == 1
    let dropsColumn = b.count == 1
    if dropsRow { a.insert(.known(1), at: 0) }
    if dropsColumn { b.append(.known(1)) }
    guard a[a.count - 1].canEqual(b[b.count - 2]) else {
      throw error("the operands are \(leftType) and \(rightType); their inner sizes must agree")
    }
    let batches = (PartialShape(Array(a.dropLast(2))), PartialShape(Array(b.dropLast(2))))
    guard let batch = PartialShape.broadcast(batches.0, batches.1)?.dimensions else {
      throw error("the operands are \(leftType) and \(rightType); their batches do not broadcast")
    }
    return PartialShape(
      batch + (dropsRow ? [] : [a[a.count - 2]]) + (dropsColumn ? [] : [b[b.count - 1]])
    )
  }
}
