import CKernels
import GraphIR
import Tensors

extension Lowerings {
  static let updates: [OperatorName: Lowering] = [
    .martlet("Assign"): { assign($0) },
    .martlet("SGDUpdate"): { try sgd($0) },
    .martlet("MomentumUpdate"): { try momentum($0) },
    .martlet("AdamUpdate"): { try adam($0) },
  ]

  private static func assign(_ context: LoweringContext) -> Step? {
    let (target, source) = (context.raw(0), context.raw(1))
    let byteCount = context.shape(0).elementCount * context.dtype(0).byteCount
    return { target.copyMemory(from: source, byteCount: byteCount) }
  }

  private static func sgd(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0, 1, 2) else { return nil }
    let count = Int64(context.shape(0).elementCount)
    let decay = try context.node.float("decay", default: 0)
    let (w, g, rate, pool) = (
      context.floats(0), context.floats(1), context.floats(2), context.pool
    )
    let scale = context.hasInput(3) ? context.floats(3) : nil
    return { ck_f32_sgd(count, w, g, rate[0], decay, scale?[0] ?? 1, pool) }
  }

  private static func momentum(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0, 1, 2, 3) else { return nil }
    let count = Int64(context.shape(0).elementCount)
    let decay = try context.node.float("decay", default: 0)
    let momentum = try context.node.float("momentum", default: 0.9)
    let nesterov = try context.node.int("nesterov", default: 0) != 0
    let (w, g, v, pool) = (context.floats(0), context.floats(1), context.floats(2), context.pool)
    let rate = context.floats(3)
    let scale = context.hasInput(4) ? context.floats(4) : nil
    return {
      ck_f32_momentum(count, w, g, v, rate[0], momentum, nesterov, decay, scale?[0] ?? 1, pool)
    }
  }

  private static func adam(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0, 1, 2, 3, 4), context.hasInput(5), context.dtype(5) == .int64 else {
      return nil
    }
    let node = context.node
    let count = Int64(context.shape(0).elementCount)
    let (beta1, beta2) = (
      try node.float("beta1", default: 0.9), try node.float("beta2", default: 0.999)
    )
    let (epsilon, decay) = (
      try node.float("epsilon", default: 1e-8), try node.float("decay", default: 0)
    )
    let decoupled = try node.int("decoupled", default: 0) != 0
    let (w, g, m, pool) = (context.floats(0), context.floats(1), context.floats(2), context.pool)
    let (v, rate) = (context.floats(3), context.floats(4))
    let step = context.raw(5).assumingMemoryBound(to: Int64.self)
    let scale = context.hasInput(6) ? context.floats(6) : nil
    return {
      ck_f32_adam(
        count,
        w,
        g,
        m,
        v,
        rate[0],
        beta1,
        beta2,
        epsilon,
        step[0],
        decay,
        decoupled,
        scale?[0] ?? 1,
        pool
      )
    }
  }
}
