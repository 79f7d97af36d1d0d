import CKernels
import GraphIR
import Tensors

extension Lowerings {
  static let movement: [OperatorName: Lowering] = [
    "Transpose": { try transpose($0) },
    "Concat": { try concat($0) },
    "Slice": { slice($0) },
    "Split": { try split($0) },
    "Expand": { expand($0) },
    "Pad": { try pad($0) },
    "Reshape": { copyBytes($0) }, "Flatten": { copyBytes($0) }, "Squeeze": { copyBytes($0) },
    "Unsqueeze": { copyBytes($0) },
  ]

  private static func copyBytes(_ context: LoweringContext) -> Step? {
    let (source, target) = (context.raw(0), context.rawOutput())
    let byteCount = context.outputShape().elementCount * context.outputType().byteCount
    return { target.copyMemory(from: source, byteCount: byteCount) }
  }

  private static func transpose(_ context: LoweringContext) throws -> Step? {
    let shape = context.shape(0)
    let permutation = try context.node.ints("perm") ?? Array((0..<shape.rank).reversed())
    // Dimensions of size 1 move nothing, and neighbours that stay neighbours are one dimension.
    let kept = permutation.filter { shape[$0] != 1 }
    var groups: [[Int]] = []
    for dimension in kept {
      if let last = groups.last?.last, last < dimension,
        ((last + 1)..<dimension).allSatisfy({ shape[$0] == 1 })
      {
        groups[groups.count - 1].append(dimension)
      } else {
        groups.append([dimension])
      }
    }
    guard groups.count <= BroadcastDimensions.rankMax else { return nil }
    let order = groups.indices.sorted { groups[$0][0] < groups[$1][0] }
    var position = [Int32](repeating: 0, count: groups.count)
    for (sourceIndex, group) in order.enumerated() { position[group] = Int32(sourceIndex) }
    let sizes = context.memory.store(
      order.map { group in Int64(groups[group].map { shape[$0] }.reduce(1, *)) }
    )
    let permutationTable = context.memory.store(position)
    let rank = Int32(groups.count)
    let element = Int32(context.outputType().byteCount)
    let (x, y, pool) = (context.raw(0), context.rawOutput(), context.pool)
    return { ck_transpose(element, rank, sizes, permutationTable, x, y, pool) }
  }

  /// Copies a block of `sizes` between two strided places.
  private static func strided(
    _ context: LoweringContext,
    sizes: [Int],
    from: UnsafeMutableRawPointer,
    fromStrides: [Int],
    to: UnsafeMutableRawPointer,
    toStrides: [Int]
  ) -> Step? {
    guard sizes.count <= BroadcastDimensions.rankMax else { return nil }
    let sizesTable = context.memory.store((sizes.isEmpty ? [1] : sizes).map(Int64.init))
    let source = context.memory.store((sizes.isEmpty ? [1] : fromStrides).map(Int64.init))
    let target = context.memory.store((sizes.isEmpty ? [1] : toStrides).map(Int64.init))
    let rank = Int32(max(sizes.count, 1))
    let element = Int32(context.outputType().byteCount)
    let pool = context.pool
    return { ck_copy_strided(element, rank, sizesTable, from, source, to, target, pool) }
  }

  private static func concat(_ context: LoweringContext) throws -> Step? {
    let output = context.outputShape()
    var axis = try context.node.int("axis", default: 0)
    if axis < 0 { axis += output.rank }
    let width = context.outputType().byteCount
    let outer = output.dimensions[..<axis].reduce(1, *)
    let inner = output.dimensions[(axis + 1)...].reduce(1, *)
    let rowBytes = output[axis] * inner * width
    var parts: [(source: UnsafeMutableRawPointer, byteCount: Int, offset: Int)] = []
    var offset = 0
    for slot in context.operation.inputs.indices {
      guard context.hasInput(slot) else { return nil }
      let byteCount = context.shape(slot)[axis] * inner * width
      if byteCount > 0 { parts.append((context.raw(slot), byteCount, offset)) }
      offset += byteCount
    }
    let target = context.rawOutput()
    let table = parts
    return {
      for part in table {
        for row in 0..<outer {
          (target + row * rowBytes + part.offset)
            .copyMemory(from: part.source + row * part.byteCount, byteCount: part.byteCount)
        }
      }
    }
  }

  private static func split(_ context: LoweringContext) throws -> Step? {
    let input = context.shape(0)
    var axis = try context.node.int("axis", default: 0)
    if axis < 0 { axis += input.rank }
    let width = context.dtype(0).byteCount
    let outer = input.dimensions[..<axis].reduce(1, *)
    let inner = input.dimensions[(axis + 1)...].reduce(1, *)
    let rowBytes = input[axis] * inner * width
    var parts: [(target: UnsafeMutableRawPointer, byteCount: Int, offset: Int)] = []
    var offset = 0
    for slot in context.operation.outputs.indices {
      guard context.hasOutput(slot) else { return nil }
      let byteCount = context.outputShape(slot)[axis] * inner * width
      if byteCount > 0 { parts.append((context.rawOutput(slot), byteCount, offset)) }
      offset += byteCount
    }
    let source = context.raw(0)
    let table = parts
    return {
      for part in table {
        for row in 0..<outer {
          (part.target + row * part.byteCount)
            .copyMemory(from: source + row * rowBytes + part.offset, byteCount: part.byteCount)
        }
      }
    }
  }

  private static func slice(_ context: LoweringContext) -> Step? {
    let shape = context.shape(0)
    guard let starts = context.constantInts(1), context.constantInts(2) != nil else { return nil }
    let axes = context.hasInput(3) ? context.constantInts(3) : Array(starts.indices)
    let steps =
      context.hasInput(4) ? context.constantInts(4) : [Int](repeating: 1, count: starts.count)
    guard let axes, let steps, axes.count == starts.count, steps.count == starts.count else {
      return nil
    }
    var strides = shape.strides
    var offset = 0
    for (index, axis) in axes.enumerated() {
      let axis = axis < 0 ? axis + shape.rank : axis
      let (step, size) = (steps[index], shape[axis])
      var start = starts[index]
      if start < 0 { start = start < -size ? -1 : start + size }
      start = step > 0 ? min(max(start, 0), size) : min(max(start, 0), max(size - 1, 0))
      offset += start * strides[axis]
      strides[axis] *= step
    }
    let output = context.outputShape()
    if output.elementCount == 0 { return {} }
    return strided(
      context,
      sizes: output.dimensions,
      from: context.raw(0) + offset * context.dtype(0).byteCount,
      fromStrides: strides,
      to: context.rawOutput(),
      toStrides: output.strides
    )
  }

  private static func expand(_ context: LoweringContext) -> Step? {
    let output = context.outputShape()
    return strided(
      context,
      sizes: output.dimensions,
      from: context.raw(0),
      fromStrides: context.shape(0).broadcastStrides(to: output),
      to: context.rawOutput(),
      toStrides: output.strides
    )
  }

  /// Constant padding of float32.
  private static func pad(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0), try context.node.string("mode", default: "constant") == "constant",
      !context.hasInput(3), let pads = context.constantInts(1), pads.allSatisfy({ $0 >= 0 })
    else { return nil }
    let fill: Float
    if context.hasInput(2) {
      guard let given = context.constantFloat(2) else { return nil }
      fill = given
    } else {
      fill = 0
    }
    let shape = context.shape(0)
    let output = context.outputShape()
    let strides = output.strides
    let offset = shape.dimensions.indices.reduce(0) { $0 + pads[$1] * strides[$1] }
    let target = context.outputFloats()
    let count = output.elementCount
    guard
      let copy = strided(
        context,
        sizes: shape.dimensions,
        from: context.raw(0),
        fromStrides: shape.strides,
        to: UnsafeMutableRawPointer(target + offset),
        toStrides: strides
      )
    else { return nil }
    let isEmpty = shape.elementCount == 0
    return {
      target.update(repeating: fill, count: count)
      if !isEmpty { try copy() }
    }
  }
}
