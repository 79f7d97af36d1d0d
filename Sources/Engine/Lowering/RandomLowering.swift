import CKernels
import GraphIR
import Tensors

extension Lowerings {
  static let random: [OperatorName: Lowering] = [
    "Dropout": { dropout($0) },
    .martlet("DropoutGradient"): { dropoutGradient($0) },
  ]

  /// Training-mode dropout; in inference the node is a view.
  private static func dropout(_ context: LoweringContext) -> Step? {
    guard context.areFloats(0), context.hasOutput(0),
      DropoutMode.isTraining(context.operation, context.plan),
      let mode = context.constant(2), mode.dtype == .bool, mode.shape.elementCount == 1,
      let ratio = context.hasInput(1) ? context.constantFloat(1) : 0.5
    else { return nil }
    let count = Int64(context.shape(0).elementCount)
    let (x, y, pool) = (context.floats(0), context.outputFloats(), context.pool)
    let mask =
      context.hasOutput(1) ? context.rawOutput(1).assumingMemoryBound(to: UInt8.self) : nil
    let random = context.resources.random
    let nodeIndex = context.operation.nodeIndex
    return {
      let state = random.pointee
      ck_f32_dropout(state.seed, state.stream(node: nodeIndex), count, ratio, x, y, mask, pool)
    }
  }

  /// `dx = mask ? dy / (1 - ratio) : 0`.
  private static func dropoutGradient(_ context: LoweringContext) -> Step? {
    guard context.areFloats(0), context.hasInput(1), context.dtype(1) == .bool,
      let ratio = context.constantFloat(2)
    else { return nil }
    let count = Int64(context.shape(0).elementCount)
    let mask = context.raw(1).assumingMemoryBound(to: UInt8.self)
    let (dy, dx, pool) = (context.floats(0), context.outputFloats(), context.pool)
    let factor = ratio < 1 ? 1 / (1 - ratio) : 0
    let sizes = context.memory.store([count])
    let unit = context.memory.store([Int64(1)])
    let none = context.memory.store([Int64(0)])
    let zero = context.memory.store([Float(0)])
    return {
      ck_f32_unary(CK_MUL_CONSTANT, count, dy, factor, 0, dx, pool)
      ck_f32_select_broadcast(1, sizes, mask, unit, dx, unit, zero, none, dx, pool)
    }
  }
}
