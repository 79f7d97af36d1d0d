import Tensors

/// Rules of the movement operators whose sizes take some work: Reshape, Concat, Split, Slice, Pad.
extension OperatorRegistry {
  static func inferReshape(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0)
    _ = try context.type(1, of: [.int64])
    guard let asked = try context.integers(1) else {
      guard let rank = try context.dimensions(1, rank: 1)[0].size else {
        return [ValueType(x.dtype, .unranked)]
      }
      return [ValueType(x.dtype, .unknown(rank: try context.checkedRank(rank)))]
    }
    _ = try context.checkedRank(asked.count)
    let copiesZero = try !context.node.flag("allowzero", default: false)
    guard asked.allSatisfy({ $0 >= -1 }), asked.count(where: { $0 == -1 }) <= 1,
      copiesZero || !(asked.contains(0) && asked.contains(-1))
    else { throw context.error("shape \(asked) is no shape with at most one -1") }
    var result: [Dimension] = []
    for (axis, size) in asked.enumerated() {
      if size == 0, copiesZero {
        guard let own = x.shape.dimensions else {
          result.append(.unknown)
          continue
        }
        guard axis < own.count else {
          throw context.error("shape \(asked) copies dimension \(axis), input 0 is \(x)")
        }
        result.append(own[axis])
      } else {
        result.append(size == -1 ? .unknown : .known(size))
      }
    }
    return [ValueType(x.dtype, try inferredReshape(result, asked, x, context))]
  }

  /// Fills in the -1 and compares the numbers of elements.
  private static func inferredReshape(
    _ shape: [Dimension],
    _ asked: [Int],
    _ x: ValueType,
    _ context: ShapeContext
  ) throws(GraphError) -> PartialShape {
    guard let own = x.shape.dimensions else { return PartialShape(shape) }
    var result = shape
    // Dimensions that are copied (the batch, often a symbol) stand on both sides and cancel.
    let copiesZero = try !context.node.flag("allowzero", default: false)
    let copied = Set(asked.indices.filter { asked[$0] == 0 && copiesZero })
    let total = try context.product(own.indices.filter { !copied.contains($0) }.map { own[$0] })
    let known = try context.product(
      asked.indices.filter { asked[$0] != -1 && !copied.contains($0) }.map { shape[$0] }
    )
    guard let hole = asked.firstIndex(of: -1) else {
      guard total.canEqual(known) else {
        throw context.error("input 0 is \(x); its elements do not fit the shape \(asked)")
      }
      return PartialShape(result)
    }
    if let total = total.size, let known = known.size {
      guard known > 0 ? total % known == 0 : total == 0 else {
        throw context.error("input 0 is \(x); its elements do not fit the shape \(asked)")
      }
      result[hole] = .known(known > 0 ? total / known : 0)
    } else if known == .known(1) {
      result[hole] = total
    }
    return PartialShape(result)
  }

  static func inferConcat(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let first = try context.type(0)
    try context.requireSameDType(context.inputTypes.indices)
    var result: [Dimension]?
    var lengths: [Dimension] = []
    var axis = 0
    for position in context.inputTypes.indices {
      guard let dimensions = try context.type(position).shape.dimensions else {
        lengths.append(.unknown)
        continue
      }
      guard var common = result else {
        axis = try context.node.normalizedAxis(
          context.node.int("axis", default: 0),
          rank: dimensions.count
        )
        lengths.append(dimensions[axis])
        result = dimensions
        continue
      }
      guard common.count == dimensions.count,
        common.indices.allSatisfy({ $0 == axis || common[$0].canEqual(dimensions[$0]) })
      else {
        throw context.error(
          "input \(position) is \(try context.type(position)), which does not fit behind \(PartialShape(common)) along axis \(axis)"
        )
      }
      lengths.append(dimensions[axis])
      for index in common.indices { common[index] = common[index].merged(with: dimensions[index]) }
      result = common
    }
    guard var result else { return [ValueType(first.dtype, .unranked)] }
    result[axis] = try context.sum(lengths)
    return [ValueType(first.dtype, PartialShape(result))]
  }

  static func inferSplit(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0)
    let wanted = context.node.outputs.count
    let declared = try context.node.int("num_outputs", default: wanted)
    guard (1...1 << 16).contains(declared), wanted <= 1 << 16 else {
      throw context.error("num_outputs is \(declared), expected 1 to \(1 << 16)")
    }
    guard let dimensions = x.shape.dimensions else {
      return [ValueType](repeating: x, count: max(declared, wanted))
    }
    let axis = try context.node.normalizedAxis(
      context.node.int("axis", default: 0),
      rank: dimensions.count
    )
    let split = try context.integers(1)
    var sizes: [Dimension]
    if let size = dimensions[axis].size, split != nil || !context.hasInput(1) {
      sizes = try context.node.splitSizes(of: size, split: split, outputCount: wanted)
        .map { .known($0) }
    } else if let split {
      guard split.allSatisfy({ $0 >= 0 }) else {
        throw context.error("split is \(split), expected sizes of at least 0")
      }
      sizes = split.map { .known($0) }
    } else {
      let count = context.hasInput(1) ? try context.dimensions(1, rank: 1)[0].size : declared
      sizes = [Dimension](repeating: .unknown, count: count ?? wanted)
    }
    guard sizes.count >= wanted else {
      throw context.error("\(wanted) outputs of a split into \(sizes.count) parts")
    }
    return sizes.map { size in
      var part = dimensions
      part[axis] = size
      return ValueType(x.dtype, PartialShape(part))
    }
  }

  static func inferSlice(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0)
    guard var dimensions = x.shape.dimensions else { return [x] }
    let axes = try context.integers(3)
    guard let starts = try context.integers(1), let ends = try context.integers(2),
      axes != nil || !context.hasInput(3)
    else {
      guard let axes else { return [ValueType(x.dtype, .unknown(rank: dimensions.count))] }
      for axis in try context.node.normalizedAxes(axes, rank: dimensions.count) {
        dimensions[axis] = .unknown
      }
      return [ValueType(x.dtype, PartialShape(dimensions))]
    }
    let steps = try context.integers(4)
    let stepsAreKnown = steps != nil || !context.hasInput(4)
    let bounds = try context.node.sliceBounds(
      starts: starts,
      ends: ends,
      axes: axes,
      steps: steps,
      rank: dimensions.count
    )
    for bound in bounds {
      if let size = dimensions[bound.axis].size, stepsAreKnown {
        let range = SliceRange(start: bound.start, end: bound.end, step: bound.step, size: size)
        dimensions[bound.axis] = .known(range.count)
      } else if !(stepsAreKnown && bound.start == 0 && bound.end >= Int(Int32.max)
        && bound.step == 1)
      {
        dimensions[bound.axis] = .unknown
      }
    }
    return [ValueType(x.dtype, PartialShape(dimensions))]
  }

  static func inferPad(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0)
    _ = try context.type(1, of: [.int64])
    try context.requireSameDType([0, 2])
    if context.hasInput(2) { try context.requireScalar(2) }
    let mode = try context.node.string("mode", default: "constant")
    guard ["constant", "reflect", "edge", "wrap"].contains(mode) else {
      throw context.error("mode is \(mode), expected constant, reflect, edge or wrap")
    }
    guard let dimensions = x.shape.dimensions else { return [x] }
    let axes = try context.integers(3)
    guard let pads = try context.integers(1), axes != nil || !context.hasInput(3) else {
      return [ValueType(x.dtype, .unknown(rank: dimensions.count))]
    }
    let sizes = try context.node.padsByDimension(pads, axes: axes, rank: dimensions.count)
    var result: [Dimension] = []
    for (dimension, pad) in zip(dimensions, sizes) {
      guard let size = dimension.size else {
        result.append(pad.begin == 0 && pad.end == 0 ? dimension : .unknown)
        continue
      }
      let padded = size + pad.begin + pad.end
      guard padded >= 0, mode == "constant" || size > 0 || padded == 0 else {
        throw context.error("pads \(pads) leave \(padded) elements of \(x) in mode \(mode)")
      }
      result.append(.known(padded))
    }
    return [ValueType(x.dtype, PartialShape(result))]
  }
}
