import CKernels
import GraphIR
import Tensors

extension Lowerings {
  static let indexing: [OperatorName: Lowering] = [
    "Gather": { try gather($0) },
    .martlet("GatherGradient"): { try gatherGradient($0) },
    "GatherElements": { try gatherElements($0) },
    "ScatterElements": { try scatterElements($0) },
  ]

  /// Checked copies of indices: negative ones count from the end.
  private static func resolve(
    _ source: UnsafeMutablePointer<Int64>,
    count: Int,
    axis: Int,
    into target: UnsafeMutablePointer<Int64>,
    _ node: Node
  ) throws {
    for index in 0..<count {
      let value = source[index]
      let position = value < 0 ? value &+ Int64(axis) : value
      guard position >= 0, position < Int64(axis) else {
        throw GraphError.operands(
          node: node.name,
          op: node.op,
          detail: "index \(value) at position \(index) is outside of \(-axis)..<\(axis)"
        )
      }
      target[index] = position
    }
  }

  private static func gather(_ context: LoweringContext) throws -> Step? {
    guard context.hasInput(0), context.hasInput(1), context.dtype(1) == .int64 else { return nil }
    let shape = context.shape(0)
    var axis = try context.node.int("axis", default: 0)
    if axis < 0 { axis += shape.rank }
    let outer = Int64(shape.dimensions[..<axis].reduce(1, *))
    let inner = Int64(shape.dimensions[(axis + 1)...].reduce(1, *))
    let length = shape[axis]
    let count = context.shape(1).elementCount
    let indices = context.raw(1).assumingMemoryBound(to: Int64.self)
    let resolved = context.memory.store([Int64](repeating: 0, count: count))
    let element = Int32(context.outputType().byteCount)
    let (y, pool, node) = (context.rawOutput(), context.pool, context.node)
    if let halves = context.halves(0) {
      // An embedding that was saved in half the bytes is read from them.
      let floats = context.outputFloats()
      return {
        try resolve(indices, count: count, axis: length, into: resolved, node)
        ck_f32_gather_halves(
          outer,
          Int64(length),
          inner,
          Int64(count),
          resolved,
          halves,
          floats,
          pool
        )
      }
    }
    let x = context.raw(0)
    return {
      try resolve(indices, count: count, axis: length, into: resolved, node)
      ck_gather(element, outer, Int64(length), inner, Int64(count), resolved, x, y, pool)
    }
  }

  /// Zeros, then the scattered sum of `dy`.
  private static func gatherGradient(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0), context.hasInput(1), context.dtype(1) == .int64 else { return nil }
    let shape = context.outputShape()
    var axis = try context.node.int("axis", default: 0)
    if axis < 0 { axis += shape.rank }
    let outer = Int64(shape.dimensions[..<axis].reduce(1, *))
    let inner = Int64(shape.dimensions[(axis + 1)...].reduce(1, *))
    let length = shape[axis]
    let total = shape.elementCount
    let count = context.shape(1).elementCount
    let indices = context.raw(1).assumingMemoryBound(to: Int64.self)
    let resolved = context.memory.store([Int64](repeating: 0, count: count))
    let (dy, dx, pool, node) = (
      context.floats(0), context.outputFloats(), context.pool, context.node
    )
    return {
      try resolve(indices, count: count, axis: length, into: resolved, node)
      dx.update(repeating: 0, count: total)
      ck_f32_scatter_add(outer, Int64(length), inner, Int64(count), resolved, dy, dx, pool)
    }
  }

  /// Elements of the last axis, one row of indices for each row of the data: a gather from all of the data.
  private static func gatherElements(_ context: LoweringContext) throws -> Step? {
    guard let rows = try LastAxisIndices(context) else { return nil }
    let element = Int32(context.outputType().byteCount)
    let (x, y, pool) = (context.raw(0), context.rawOutput(), context.pool)
    let (count, total) = (Int64(rows.count), Int64(context.shape(0).elementCount))
    return {
      try rows.resolve()
      ck_gather(element, 1, total, 1, count, rows.resolved, x, y, pool)
    }
  }

  /// The data, and elements added to the last axis of its rows.
  private static func scatterElements(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0, 2),
      try context.node.string("reduction", default: "none") == "add",
      let rows = try LastAxisIndices(context)
    else { return nil }
    let total = context.shape(0).elementCount
    let (x, updates, y, pool) = (
      context.floats(0), context.floats(2), context.outputFloats(), context.pool
    )
    return {
      try rows.resolve()
      if x != y { y.update(from: x, count: total) }
      ck_f32_scatter_add(1, Int64(total), 1, Int64(rows.count), rows.resolved, updates, y, pool)
    }
  }

  /// Indices [..., K] into the last axis of data [..., A] of the same rows, as positions in the whole data.
  private struct LastAxisIndices {
    let source: UnsafeMutablePointer<Int64>
    let resolved: UnsafeMutablePointer<Int64>
    let count: Int
    private let perRow, axis: Int
    private let node: Node

    /// Gives `nil` for another axis, other rows, or indices of another type.
    init?(_ context: LoweringContext) throws {
      guard context.hasInput(0), context.hasInput(1), context.dtype(1) == .int64 else {
        return nil
      }
      let (data, indices) = (context.shape(0), context.shape(1))
      let rank = data.rank
      let axis = try context.node.int("axis", default: 0)
      guard rank >= 1, axis == rank - 1 || axis == -1,
        data.dimensions.dropLast() == indices.dimensions.dropLast()
      else { return nil }
      count = indices.elementCount
      perRow = indices[rank - 1]
      self.axis = data[rank - 1]
      node = context.node
      source = context.raw(1).assumingMemoryBound(to: Int64.self)
      resolved = context.memory.store([Int64](repeating: 0, count: count))
    }

    func resolve() throws {
      try Lowerings.resolve(source, count: count, axis: axis, into: resolved, node)
      for index in 0..<count { resolved[index] += Int64(index / perRow * axis) }
    }
  }
}
