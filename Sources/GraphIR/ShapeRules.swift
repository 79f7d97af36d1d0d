package import Tensors

/// Computes the types of a node's outputs from what is known of its operands.
package typealias ShapeRule = @Sendable (ShapeContext) throws(GraphError) -> [ValueType]

/// Rules that many operators share.
package enum ShapeRules {
  /// One output of the type of input `index`.
  package static func sameAsInput(_ index: Int = 0) -> ShapeRule {
    { context throws(GraphError) in [try context.type(index)] }
  }

  /// One output of the type of input 0, whose element type must be one of `dtypes`.
  package static func sameAsInput(of dtypes: Set<DType>) -> ShapeRule {
    { context throws(GraphError) in [try context.type(0, of: dtypes)] }
  }
}

extension ShapeContext {
  /// The type of a required input whose element type must be one of `dtypes`.
  package func type(_ input: Int, of dtypes: Set<DType>) throws(GraphError) -> ValueType {
    let type = try type(input)
    guard dtypes.contains(type.dtype) else {
      throw error("input \(input) is \(type); it must hold \(dtypes.listed)")
    }
    return type
  }

  /// Checks that the inputs at `positions` which are there share one element type.
  package func requireSameDType(_ positions: some Sequence<Int>) throws(GraphError) {
    var first: (position: Int, type: ValueType)?
    for position in positions {
      guard let type = optionalType(position) else { continue }
      if let first, first.type.dtype != type.dtype {
        throw error(
          "inputs \(first.position) and \(position) must hold the same element type; "
            + "they are \(first.type) and \(type)"
        )
      }
      first = first ?? (position, type)
    }
  }

  /// Checks the rank of an input where it is known.
  ///
  /// - Returns: the dimensions, `rank` unknown ones where not even the rank is known.
  @discardableResult
  package func dimensions(_ input: Int, rank: Int) throws(GraphError) -> [Dimension] {
    let type = try type(input)
    guard let dimensions = type.shape.dimensions else {
      return [Dimension](repeating: .unknown, count: rank)
    }
    guard dimensions.count == rank else {
      throw error("input \(input) is \(type); it must have \(rank) dimensions")
    }
    return dimensions
  }

  /// Checks that an input can be a scalar: no dimensions, or one element in one dimension.
  package func requireScalar(_ input: Int) throws(GraphError) {
    let type = try type(input)
    guard let dimensions = type.shape.dimensions, !dimensions.isEmpty else { return }
    guard dimensions.count == 1, dimensions[0].size ?? 1 == 1 else {
      throw error("input \(input) is \(type); it must be a scalar")
    }
  }

  /// The elements of an integer input where its value is known before the run.
  package func integers(_ input: Int) throws(GraphError) -> [Int]? {
    guard let tensor = value(input) else { return nil }
    guard let elements = tensor.integers else {
      throw error("input \(input) is \(tensor.dtype)\(tensor.shape); it must hold int64")
    }
    return elements
  }

  /// The broadcast shape of several inputs, by NumPy's rules.
  package func broadcast(_ positions: some Sequence<Int>) throws(GraphError) -> PartialShape {
    var result: PartialShape = []
    for position in positions {
      let shape = try type(position).shape
      guard let common = PartialShape.broadcast(result, shape) else {
        throw error(
          "input \(position) is \(try type(position)), which does not broadcast with \(result)"
        )
      }
      result = common
    }
    return result
  }

  /// Checks that an input broadcasts to `target` without enlarging it (ONNX's unidirectional broadcasting).
  package func requireBroadcast(of input: Int, to target: PartialShape) throws(GraphError) {
    let type = try type(input)
    guard let source = type.shape.dimensions, let goal = target.dimensions else { return }
    let fits =
      source.count <= goal.count
      && zip(source.reversed(), goal.reversed()).allSatisfy { size, wanted in
        guard let size = size.size, let wanted = wanted.size else { return true }
        return size == 1 || size == wanted
      }
    guard fits else { throw error("input \(input) is \(type); it does not broadcast to \(target)") }
  }

  /// Checks that two inputs have the same shape as far as both are known.
  package func requireSameShape(_ left: Int, _ right: Int) throws(GraphError) {
    let (a, b) = (try type(left), try type(right))
    guard let first = a.shape.dimensions, let second = b.shape.dimensions else { return }
    let agree =
      first.count == second.count
      && zip(first, second).allSatisfy { $0.size == nil || $1.size == nil || $0 == $1 }
    guard agree else {
      throw error("inputs \(left) and \(right) must have the same shape; they are \(a) and \(b)")
    }
  }

  /// The sizes that an input asks for, as the shape operand of Expand and ConstantOfShape.
  ///
  /// Where the value is not known the length of the operand may still give the rank.
  ///
  /// - Throws: `GraphError.operands` where the operand is not a vector or the sizes are no shape.
  package func requestedShape(_ input: Int) throws(GraphError) -> PartialShape {
    _ = try type(input, of: DType.indexTypes)
    let length = try dimensions(input, rank: 1)[0]
    guard let sizes = try integers(input) else {
      guard let rank = length.size else { return .unranked }
      return .unknown(rank: try checkedRank(rank))
    }
    do {
      return PartialShape(try Shape(validating: sizes))
    } catch {
      throw self.error("input \(input): \(error)")
    }
  }

  /// Refuses ranks that `Shape` cannot hold, before memory is taken for them.
  package func checkedRank(_ rank: Int) throws(GraphError) -> Int {
    guard (0...Shape.rankMax).contains(rank) else {
      throw error("a result of \(rank) dimensions; at most \(Shape.rankMax) are supported")
    }
    return rank
  }
}

extension Node {
  /// An axis counted from the front: negative ones count from the back.
  ///
  /// - Throws: `GraphError.operands` outside `-rank..<rank`.
  package func normalizedAxis(_ axis: Int, rank: Int) throws(GraphError) -> Int {
    guard axis >= -rank, axis < rank else {
      throw .operands(
        node: name,
        op: op,
        detail: "axis \(axis) is outside -\(rank)..<\(rank) of a rank \(rank) tensor"
      )
    }
    return axis < 0 ? axis + rank : axis
  }

  /// Several axes counted from the front, in their order.
  ///
  /// - Throws: `GraphError.operands` for an axis out of range or named twice.
  package func normalizedAxes(_ axes: [Int], rank: Int) throws(GraphError) -> [Int] {
    var result: [Int] = []
    for axis in axes {
      let normalized = try normalizedAxis(axis, rank: rank)
      guard !result.contains(normalized) else {
        throw .operands(node: name, op: op, detail: "axes \(axes) name axis \(normalized) twice")
      }
      result.append(normalized)
    }
    return result
  }

  /// A tensor attribute, `nil` where it is left out.
  package func tensor(_ name: String) throws(GraphError) -> Tensor? {
    switch attributes[name] {
    case nil: nil
    case .tensor(let found)?: found
    default: throw .attributeType(node: self.name, op: op, attribute: name, expected: "tensor")
    }
  }

  /// An attribute that is 0 or 1 in ONNX.
  package func flag(_ name: String, default value: Bool) throws(GraphError) -> Bool {
    try int(name, default: value ? 1 : 0) != 0
  }
}

extension PartialShape {
  /// The common shape of two operands under NumPy's rules, `nil` where they cannot broadcast.
  ///
  /// A size above 1 wins over a dimension that is not known, for that can only be the same size or 1.
  package static func broadcast(_ left: PartialShape, _ right: PartialShape) -> PartialShape? {
    guard let a = left.dimensions, let b = right.dimensions else { return .unranked }
    let rank = max(a.count, b.count)
    var result: [Dimension] = []
    for index in 0..<rank {
      let i = index - (rank - a.count)
      let j = index - (rank - b.count)
      guard let common = Dimension.broadcast(i < 0 ? 1 : a[i], j < 0 ? 1 : b[j]) else { return nil }
      result.append(common)
    }
    return PartialShape(result)
  }
}

extension Dimension {
  fileprivate static func broadcast(_ left: Dimension, _ right: Dimension) -> Dimension? {
    switch (left, right) {
    case (.known(1), let other), (let other, .known(1)): return other
    case (.known(let a), .known(let b)): return a == b ? left : nil
    case (.known, _): return left
    case (_, .known): return right
    case (.symbol(let a), .symbol(let b)): return a == b ? left : .unknown
    default: return .unknown
    }
  }
}

extension Tensor {
  /// The elements of an int64 or int32 tensor, `nil` for another type.
  package var integers: [Int]? {
    switch dtype {
    case .int64: elements(of: Int64.self).map { Int($0) }
    case .int32: elements(of: Int32.self).map { Int($0) }
    default: nil
    }
  }
}
