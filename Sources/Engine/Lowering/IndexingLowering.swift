import CKernels
import GraphIR
import Tensors

extension Lowerings {
  static let indexing: [OperatorName: Lowering] = [
    "Gather": { try gather($0) },
    .martlet("GatherGradient"): { try gatherGradient($0) },
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
}
