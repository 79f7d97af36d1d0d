import Tensors

extension OperatorRegistry {
  /// Einsum and determinants; matrix products are in another family.
  package static let linearAlgebra: [OperatorDefinition] = [
    OperatorDefinition(
      "Einsum",
      inputs: 1...Int(Int32.max),
      summary: "sums of products over the axes that the equation's labels name"
    ) { context throws(GraphError) in
      let dtype = try context.type(0, of: DType.numericTypes).dtype
      try context.requireSameDType(0..<context.node.inputs.count)
      return [ValueType(dtype, try context.einsumShape())]
    },
    OperatorDefinition(
      "Det",
      inputs: 1...1,
      summary: "determinants of square matrices [*, M, M]: shape [*]"
    ) { context throws(GraphError) in
      let type = try context.type(0, of: DType.floatingPointTypes)
      guard let dimensions = type.shape.dimensions else { return [type] }
      let sides = dimensions.suffix(2).compactMap(\.size)
      guard dimensions.count >= 2, Set(sides).count <= 1 || sides.count < 2 else {
        throw context.error("input 0 is \(type); it must hold square matrices")
      }
      return [ValueType(type.dtype, PartialShape(Array(dimensions.dropLast(2))))]
    },
  ]
}

extension ShapeContext {
  fileprivate func einsumShape() throws(GraphError) -> PartialShape {
    let equation = try node.einsumEquation()
    var sizes: [EinsumEquation.Axis: Dimension] = [:]
    var ellipsisCount = 0
    var isEllipsisKnown = true
    for (index, term) in equation.operands.enumerated() {
      let type = try type(index)
      guard let dimensions = type.shape.dimensions else {
        if term.ellipsis != nil { isEllipsisKnown = false }
        continue
      }
      guard let axes = equation.axes(ofOperand: index, rank: dimensions.count) else {
        throw error("input \(index) is \(type); its term has \(term.labels.count) labels")
      }
      ellipsisCount = max(ellipsisCount, dimensions.count - term.labels.count)
      for (axis, dimension) in zip(axes, dimensions) {
        let common = PartialShape.broadcast([sizes[axis] ?? 1], [dimension])
        guard let size = common?.dimensions?.first else {
          throw error("input \(index) is \(type); a dimension is \(sizes[axis] ?? 1) elsewhere")
        }
        sizes[axis] = size
      }
    }
    guard equation.result.ellipsis == nil || isEllipsisKnown else { return .unranked }
    let rank = try checkedRank(
      equation.result.labels.count + (equation.result.ellipsis == nil ? 0 : ellipsisCount)
    )
    let axes = equation.resultAxes(ellipsisCount: ellipsisCount)
    precondition(axes.count == rank, "\(axes.count) axes for rank \(rank)")
    return PartialShape(axes.map { sizes[$0] ?? .unknown })
  }
}
