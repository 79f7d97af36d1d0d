import Tensors

extension OperatorRegistry {
  /// One value for each group of elements along some axes.
  package static let reductions: [OperatorDefinition] = [
    reduction("ReduceSum", "sum"),
    reduction("ReduceMean", "mean"),
    reduction("ReduceMax", of: DType.allTypes, "largest element"),
    reduction("ReduceMin", of: DType.allTypes, "smallest element"),
    reduction("ReduceProd", "product"),
    reduction("ReduceSumSquare", "sum of squares"),
    reduction("ReduceL1", "sum of magnitudes"),
    reduction("ReduceL2", "square root of the sum of squares"),
    reduction("ReduceLogSum", "logarithm of the sum"),
    reduction("ReduceLogSumExp", "logarithm of the sum of exponentials"),
    position("ArgMax", "position of the largest element along an axis"),
    position("ArgMin", "position of the smallest element along an axis"),
  ]

  /// Inputs: x, optional axes; attributes keepdims (1), noop_with_empty_axes (0).
  private static func reduction(
    _ name: OperatorName,
    of dtypes: Set<DType> = DType.numericTypes,
    _ what: String
  ) -> OperatorDefinition {
    OperatorDefinition(
      name,
      inputs: 1...2,
      shapeOperands: [1],
      summary: "\(what) over axes"
    ) { context throws(GraphError) in
      let type = try context.type(0, of: dtypes)
      return [ValueType(type.dtype, try context.reducedShape(of: type.shape))]
    }
  }

  /// Attributes: axis (0), keepdims (1), select_last_index (0).
  private static func position(_ name: OperatorName, _ summary: String) -> OperatorDefinition {
    OperatorDefinition(name, inputs: 1...1, summary: summary) { context throws(GraphError) in
      let shape = try context.type(0, of: DType.numericTypes).shape
      guard let rank = shape.rank else { return [ValueType(.int64, .unranked)] }
      let axis = try context.node.normalizedAxis(
        try context.node.int("axis", default: 0),
        rank: rank
      )
      let keep = try context.node.flag("keepdims", default: true)
      return [ValueType(.int64, shape.reduced(along: [axis], keep: keep))]
    }
  }
}

extension Node {
  /// The axes that a Reduce operator sums over, in ascending order, from its `axes` operand.
  ///
  /// No axes mean all of them, or with `noop_with_empty_axes` none.
  package func reducedAxes(_ axes: [Int]?, rank: Int) throws(GraphError) -> [Int] {
    guard let axes, !axes.isEmpty else {
      return try flag("noop_with_empty_axes", default: false) ? [] : Array(0..<rank)
    }
    return try normalizedAxes(axes, rank: rank).sorted()
  }
}

extension ShapeContext {
  fileprivate func reducedShape(of shape: PartialShape) throws(GraphError) -> PartialShape {
    let keep = try node.flag("keepdims", default: true)
    guard hasInput(1) else {
      guard let rank = shape.rank else {
        // All axes go, so even the shape of an unranked operand is known.
        let reducesNone = try node.flag("noop_with_empty_axes", default: false)
        return keep || reducesNone ? .unranked : []
      }
      return shape.reduced(along: try node.reducedAxes(nil, rank: rank), keep: keep)
    }
    _ = try type(1, of: DType.indexTypes)
    let count = try dimensions(1, rank: 1)[0]
    guard let rank = shape.rank else { return .unranked }
    if let axes = try integers(1) {
      return shape.reduced(along: try node.reducedAxes(axes, rank: rank), keep: keep)
    }
    if keep { return .unknown(rank: rank) }
    guard let count = count.size, count > 0 else { return .unranked }
    guard count <= rank else { throw error("\(count) axes for an operand of \(rank) dimensions") }
    return .unknown(rank: rank - count)
  }
}

extension PartialShape {
  /// The shape left when `axes` are reduced: of size 1 where they are kept, else gone.
  package func reduced(along axes: [Int], keep: Bool) -> PartialShape {
    guard let dimensions else { return .unranked }
    return PartialShape(
      dimensions.indices.compactMap { index in
        axes.contains(index) ? (keep ? 1 : nil) : dimensions[index]
      }
    )
  }
}
