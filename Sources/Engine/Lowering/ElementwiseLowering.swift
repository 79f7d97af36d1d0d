import CKernels
import GraphIR
import Tensors

extension Lowerings {
  static let elementwise: [OperatorName: Lowering] = {
    var table: [OperatorName: Lowering] = [:]
    let unary =
      Array(ElementwiseOperators.simpleUnary.keys) + [
        "LeakyRelu", "Elu", "Celu", "Selu", "HardSigmoid", "ThresholdedRelu", "Swish", "Gelu",
        "Clip",
      ]
    for op in unary { table[op] = { try chain($0) } }
    let binary =
      Array(ElementwiseOperators.simpleBinary.keys) + [
        .martlet("LeakyReluGradient"), .martlet("EluGradient"),
      ]
    for op in binary { table[op] = { try chain($0) ?? broadcastBinary($0) ?? counter($0) } }
    for (op, kernel) in comparisons { table[op] = { compare($0, kernel) } }
    table["Where"] = { select($0) }
    table["Identity"] = { copy($0) }
    return table
  }()

  private static let comparisons: [OperatorName: ck_compare] = [
    "Equal": CK_EQUAL, "Less": CK_LESS, "LessOrEqual": CK_LESS_OR_EQUAL, "Greater": CK_GREATER,
    "GreaterOrEqual": CK_GREATER_OR_EQUAL,
  ]

  /// A fused chain, or one operator as a chain of one step.
  private static func chain(_ context: LoweringContext) throws -> Step? {
    guard let chain = context.operation.chain else { return nil }
    let count = context.outputShape().elementCount
    let inner = chain.inner ?? max(count, 1)
    let outer = count / inner
    let pool = context.pool
    let output = context.outputFloats()
    if chain.steps.count == 1, chain.access.allSatisfy({ $0 == CK_CHAIN_FULL }) {
      let step = chain.steps[0]
      let left = context.floats(0)
      if step.is_binary == 0 {
        let op = ck_unary(rawValue: UInt32(step.op))
        return { ck_f32_unary(op, Int64(count), left, step.p0, step.p1, output, pool) }
      }
      let right = context.floats(Int(step.rhs))
      let op = ck_binary(rawValue: UInt32(step.op))
      return { ck_f32_binary(op, Int64(count), left, right, step.p0, output, pool) }
    }
    let steps = context.memory.store(chain.steps)
    let access = context.memory.store(chain.access)
    let inputs = context.memory.store(
      chain.access.indices.map { UnsafePointer(context.floats($0)) }
    )
    let stepCount = Int32(chain.steps.count)
    let inputCount = Int32(chain.access.count)
    return {
      ck_f32_chain(
        stepCount,
        steps,
        inputCount,
        inputs,
        access,
        Int64(outer),
        Int64(inner),
        output,
        pool
      )
    }
  }

  private static func broadcastBinary(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0, 1), context.outputType() == .float32,
      let binary = try ElementwiseOperators.binary(context.operation),
      let plan = BroadcastDimensions(context.outputShape(), [context.shape(0), context.shape(1)])
    else { return nil }
    let (a, b, output, pool) = (
      context.floats(0), context.floats(1), context.outputFloats(), context.pool
    )
    let dimensions = context.memory.store(plan.sizes)
    let aStrides = context.memory.store(plan.strides[0])
    let bStrides = context.memory.store(plan.strides[1])
    let rank = Int32(plan.sizes.count)
    return {
      ck_f32_binary_broadcast(
        binary.op,
        rank,
        dimensions,
        a,
        aStrides,
        b,
        bStrides,
        binary.p0,
        output,
        pool
      )
    }
  }

  /// Addition of two int64 numbers, as a step counter does in every training step.
  private static func counter(_ context: LoweringContext) -> Step? {
    guard context.operation.op == "Add", context.outputType() == .int64,
      context.outputShape().elementCount == 1, context.hasInput(0), context.hasInput(1)
    else { return nil }
    let (a, b, y) = (
      context.raw(0).assumingMemoryBound(to: Int64.self),
      context.raw(1).assumingMemoryBound(to: Int64.self),
      context.rawOutput().assumingMemoryBound(to: Int64.self)
    )
    return { y[0] = a[0] &+ b[0] }
  }

  private static func compare(_ context: LoweringContext, _ op: ck_compare) -> Step? {
    guard context.areFloats(0, 1),
      let plan = BroadcastDimensions(context.outputShape(), [context.shape(0), context.shape(1)])
    else { return nil }
    let (a, b, pool) = (context.floats(0), context.floats(1), context.pool)
    let output = context.rawOutput().assumingMemoryBound(to: UInt8.self)
    let dimensions = context.memory.store(plan.sizes)
    let aStrides = context.memory.store(plan.strides[0])
    let bStrides = context.memory.store(plan.strides[1])
    let rank = Int32(plan.sizes.count)
    return {
      ck_f32_compare_broadcast(op, rank, dimensions, a, aStrides, b, bStrides, output, pool)
    }
  }

  private static func select(_ context: LoweringContext) -> Step? {
    guard context.areFloats(1, 2), context.hasInput(0), context.dtype(0) == .bool,
      let plan = BroadcastDimensions(
        context.outputShape(),
        [context.shape(0), context.shape(1), context.shape(2)]
      )
    else { return nil }
    let condition = context.raw(0).assumingMemoryBound(to: UInt8.self)
    let (a, b, output, pool) = (
      context.floats(1), context.floats(2), context.outputFloats(), context.pool
    )
    let dimensions = context.memory.store(plan.sizes)
    let strides = plan.strides.map { context.memory.store($0) }
    let rank = Int32(plan.sizes.count)
    return {
      ck_f32_select_broadcast(
        rank,
        dimensions,
        condition,
        strides[0],
        a,
        strides[1],
        b,
        strides[2],
        output,
        pool
      )
    }
  }

  private static func copy(_ context: LoweringContext) -> Step? {
    let (source, target) = (context.raw(0), context.rawOutput())
    let byteCount = context.outputShape().elementCount * context.outputType().byteCount
    return { target.copyMemory(from: source, byteCount: byteCount) }
  }
}
