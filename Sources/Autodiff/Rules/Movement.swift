import GraphIR
import Tensors

extension GradientRules {
  /// Operators that move elements without choosing by data.
  static let movement: [OperatorName: GradientRule] = [
    "Reshape": sameElements,
    "Flatten": sameElements,
    "Squeeze": sameElements,
    "Unsqueeze": sameElements,
    "Transpose": transpose,
    "Expand": expand,
    "Concat": concatenate,
    "Split": split,
    "Slice": slice,
    "Pad": pad,
    "Tile": byPositions,
    "DepthToSpace": depthToSpace,
    "SpaceToDepth": spaceToDepth,
    "ReverseSequence": reverseSequence,
    "Trilu": trilu,
  ]

  private static func sameElements(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    [try c.reshape(c.outputGradient(), toShapeOf: c.input(0))]
  }

  private static func transpose(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    var attributes: [String: Attribute] = [:]
    if let order = try c.node.ints("perm") {
      var inverse = order
      for (position, axis) in order.enumerated() where order.indices.contains(axis) {
        inverse[axis] = position
      }
      attributes["perm"] = .ints(inverse)
    }
    return [try c.apply("Transpose", c.outputGradient(), attributes: attributes)]
  }

  private static func expand(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    [try c.sum(c.outputGradient(), toShapeOf: c.input(0))]
  }

  private static func concatenate(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let dy = try c.outputGradient()
    let axis = try c.node.int("axis", default: 0)
    if c.node.inputs.count == 1 { return [dy] }
    var sizes: [ValueID?] = []
    for index in c.node.inputs.indices {
      let shape = try c.shape(of: c.input(index))
      let rank = try c.rank(of: c.input(index))
      let position = try c.vector([axis < 0 ? axis + rank : axis])
      sizes.append(try c.apply("Gather", shape, position, attributes: ["axis": .int(0)]))
    }
    let known = c.node.inputs.map { input -> Int? in
      guard let input, let dimensions = c.graph[input].type.shape.dimensions else { return nil }
      let position = axis < 0 ? axis + dimensions.count : axis
      return dimensions.indices.contains(position) ? dimensions[position].size : nil
    }
    let allKnown = known.compactMap { $0 }
    let split =
      allKnown.count == known.count
      ? try c.vector(allKnown)
      : try c.graph.apply1("Concat", sizes, ["axis": .int(0)])
    return try c.graph.apply(
      "Split",
      [dy, split],
      ["axis": .int(axis)],
      outputCount: c.node.inputs.count
    )
  }

  private static func split(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    var parts: [ValueID?] = []
    for index in c.node.outputs.indices { parts.append(try c.outputGradient(index)) }
    let axis = try c.node.int("axis", default: 0)
    return [try c.graph.apply1("Concat", parts, ["axis": .int(axis)])]
  }

  /// A slice with steps of 1 and known bounds is undone by padding; others go by positions.
  private static func slice(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    guard let pads = slicePadding(c) else { return try byPositions(&c) }
    let dy = try c.outputGradient()
    return [try c.apply("Pad", dy, c.vector(pads))]
  }

  /// The padding that undoes a slice, where it is known now.
  private static func slicePadding(_ c: GradientContext) -> [Int]? {
    func known(_ index: Int) -> [Int]? {
      guard let input = c.optionalInput(index), let tensor = c.graph.constant(input) else {
        return nil
      }
      switch tensor.dtype {
      case .int64: return tensor.elements(of: Int64.self).map(Int.init)
      case .int32: return tensor.elements(of: Int32.self).map(Int.init)
      default: return nil
      }
    }
    guard let data = c.optionalInput(0), let dimensions = c.graph[data].type.shape.dimensions,
      let starts = known(1), let ends = known(2), starts.count == ends.count
    else { return nil }
    if c.optionalInput(4) != nil {
      guard let steps = known(4), steps.allSatisfy({ $0 == 1 }) else { return nil }
    }
    var axes = Array(starts.indices)
    if c.optionalInput(3) != nil {
      guard let given = known(3), given.count == starts.count else { return nil }
      axes = given
    }
    let rank = dimensions.count
    var pads = [Int](repeating: 0, count: 2 * rank)
    for (index, axis) in axes.enumerated() {
      let position = axis < 0 ? axis + rank : axis
      guard dimensions.indices.contains(position), let size = dimensions[position].size else {
        return nil
      }
      let start = clamped(starts[index], size)
      let end = clamped(ends[index], size)
      guard start <= end else { return nil }
      pads[position] = start
      pads[position + rank] = size - end
    }
    return pads
  }

  private static func clamped(_ bound: Int, _ size: Int) -> Int {
    let shifted = bound < 0 ? bound.addingReportingOverflow(size).partialValue : bound
    return min(max(shifted, 0), size)
  }

  /// Padding with a constant is undone by padding with its negative; the other modes repeat elements.
  private static func pad(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    guard try c.node.string("mode", default: "constant") == "constant" else {
      return try byPositions(&c)
    }
    let dy = try c.outputGradient()
    let cropped = try c.apply(
      "Pad",
      dy,
      c.negate(c.input(1)),
      nil,
      c.optionalInput(3)
    )
    let dx = try c.reshape(cropped, toShapeOf: c.input(0))
    guard c.isWanted(2), let fill = c.optionalInput(2) else { return [dx] }
    let total = try c.subtract(c.reduceSum(dy, axes: nil), c.reduceSum(dx, axes: nil))
    return [dx, nil, try c.reshape(total, toShapeOf: fill)]
  }

  private static func depthToSpace(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    guard try c.node.string("mode", default: "DCR") == "DCR" else { return try byPositions(&c) }
    let block = try c.node.int("blocksize", default: 1)
    return [
      try c.apply(
        "SpaceToDepth",
        c.outputGradient(),
        attributes: ["blocksize": .int(block)]
      )
    ]
  }

  private static func spaceToDepth(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    [try c.apply("DepthToSpace", c.outputGradient(), attributes: c.node.attributes)]
  }

  private static func reverseSequence(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    [
      try c.apply(
        "ReverseSequence",
        c.outputGradient(),
        c.input(1),
        attributes: c.node.attributes
      )
    ]
  }

  private static func trilu(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    [
      try c.apply(
        "Trilu",
        c.outputGradient(),
        c.optionalInput(1),
        attributes: c.node.attributes
      )
    ]
  }

  /// The gradient of any operator that only moves or repeats elements of input 0: the same node moves their positions, and each
  /// element collects the gradients of the places where its position arrived.
  static func byPositions(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let (x, dy) = (try c.input(0), try c.outputGradient())
    let size = try c.apply("Size", x)
    let zero = try c.graph.constant(Tensor(scalar: Int64(0)))
    let one = try c.graph.constant(Tensor(scalar: Int64(1)))
    let numbers = try c.reshape(c.apply("Range", zero, size, one), toShapeOf: x)
    var inputs = c.node.inputs
    inputs[0] = numbers
    let positions = try c.graph.apply1(c.node.op, inputs, c.node.attributes)
    let length = try c.apply("Reshape", size, c.vector([1]))
    let collected = try c.apply(
      .martlet("GatherGradient"),
      c.flattened(dy),
      c.flattened(positions),
      length,
      attributes: ["axis": .int(0)]
    )
    return [try c.reshape(collected, toShapeOf: x)]
  }
}
