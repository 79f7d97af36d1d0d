import CKernels
import GraphIR
import Tensors

extension Lowerings {
  static let reductions: [OperatorName: Lowering] = {
    var table: [OperatorName: Lowering] = [
      "ArgMax": { try argExtreme($0, isLargest: true) },
      "ArgMin": { try argExtreme($0, isLargest: false) },
      "Softmax": { try softmax($0, ck_f32_softmax) },
      "LogSoftmax": { try softmax($0, ck_f32_log_softmax) },
      .martlet("SoftmaxGradient"): { try softmaxGradient($0, ck_f32_softmax_gradient) },
      .martlet("LogSoftmaxGradient"): { try softmaxGradient($0, ck_f32_log_softmax_gradient) },
      .martlet("SumToShape"): { sumToShape($0) },
    ]
    for (op, kernel) in reduceKernels { table[op] = { try reduce($0, kernel) } }
    return table
  }()

  private static let reduceKernels: [OperatorName: ck_reduction] = [
    "ReduceSum": CK_REDUCE_SUM, "ReduceMean": CK_REDUCE_MEAN, "ReduceMax": CK_REDUCE_MAX,
    "ReduceMin": CK_REDUCE_MIN, "ReduceProd": CK_REDUCE_PROD,
    "ReduceSumSquare": CK_REDUCE_SUM_SQUARE, "ReduceL1": CK_REDUCE_L1, "ReduceL2": CK_REDUCE_L2,
    "ReduceLogSum": CK_REDUCE_LOG_SUM, "ReduceLogSumExp": CK_REDUCE_LOG_SUM_EXP,
  ]

  /// Reduction over one run of neighbouring dimensions.
  private static func reduce(_ context: LoweringContext, _ kernel: ck_reduction) throws -> Step? {
    guard context.areFloats(0) else { return nil }
    let shape = context.shape(0)
    var axes = Array(0..<shape.rank)
    if context.hasInput(1) {
      guard let given = context.constantInts(1) else { return nil }
      if !given.isEmpty {
        axes = Set(given.map { $0 < 0 ? $0 + shape.rank : $0 }).sorted()
      } else if try context.node.int("noop_with_empty_axes", default: 0) != 0 {
        return nil
      }
    } else if try context.node.int("noop_with_empty_axes", default: 0) != 0 {
      return nil
    }
    return contiguous(context, kernel, shape, axes) ?? twoRuns(context, kernel, shape, axes)
  }

  private static func contiguous(
    _ context: LoweringContext,
    _ kernel: ck_reduction,
    _ shape: Shape,
    _ axes: [Int]
  ) -> Step? {
    // Dimensions of size 1 reduce to themselves, wherever they stand.
    let axes = axes.filter { shape[$0] != 1 }
    let (x, y, pool) = (context.floats(0), context.outputFloats(), context.pool)
    guard let first = axes.first, let last = axes.last else {
      let count = Int64(shape.elementCount)
      return { ck_f32_reduce(kernel, count, 1, 1, x, y, pool) }
    }
    let between = Set(axes)
    guard (first...last).allSatisfy({ between.contains($0) || shape[$0] == 1 }) else {
      return nil
    }
    let outer = Int64(shape.dimensions[..<first].reduce(1, *))
    let reduced = Int64(shape.dimensions[first...last].reduce(1, *))
    let inner = Int64(shape.dimensions[(last + 1)...].reduce(1, *))
    return { ck_f32_reduce(kernel, outer, reduced, inner, x, y, pool) }
  }

  /// Sums over the dimensions along which the target was repeated.
  private static func sumToShape(_ context: LoweringContext) -> Step? {
    guard context.areFloats(0) else { return nil }
    let shape = context.shape(0)
    let target = context.outputShape()
    guard target.rank <= shape.rank else { return nil }
    let padded = [Int](repeating: 1, count: shape.rank - target.rank) + target.dimensions
    let axes = padded.indices.filter { padded[$0] == 1 && shape[$0] != 1 }
    return contiguous(context, CK_REDUCE_SUM, shape, axes)
      ?? twoRuns(context, CK_REDUCE_SUM, shape, axes)
  }

  /// Reductions that may be done in parts, one after the other, with the same result up to rounding.
  private static let divisible: Set<ck_reduction.RawValue> = [
    CK_REDUCE_SUM.rawValue, CK_REDUCE_MEAN.rawValue, CK_REDUCE_MAX.rawValue,
    CK_REDUCE_MIN.rawValue, CK_REDUCE_PROD.rawValue,
  ]

  /// Leading and trailing dimensions, as for a bias [C] of [N,C,H,W]: the trailing run first, then the leading one.
  private static func twoRuns(
    _ context: LoweringContext,
    _ kernel: ck_reduction,
    _ shape: Shape,
    _ axes: [Int]
  ) -> Step? {
    guard divisible.contains(kernel.rawValue), let last = axes.last, last == shape.rank - 1 else {
      return nil
    }
    var start = last
    while start > 0, axes.contains(start - 1) || shape[start - 1] == 1 { start -= 1 }
    let leading = axes.filter { $0 < start }
    guard let leadingLast = leading.last,
      (0...leadingLast).allSatisfy({ leading.contains($0) || shape[$0] == 1 })
    else { return nil }
    let rows = shape.dimensions[..<start].reduce(1, *)
    let columns = shape.dimensions[start...].reduce(1, *)
    let reduced = shape.dimensions[...leadingLast].reduce(1, *)
    let kept = rows / max(reduced, 1)
    let partial = context.scratch(floatCount: rows)
    let (x, y, pool) = (context.floats(0), context.outputFloats(), context.pool)
    return {
      ck_f32_reduce(kernel, Int64(rows), Int64(columns), 1, x, partial, pool)
      ck_f32_reduce(kernel, 1, Int64(reduced), Int64(kept), partial, y, pool)
    }
  }

  private static func argExtreme(_ context: LoweringContext, isLargest: Bool) throws -> Step? {
    guard context.areFloats(0), context.shape(0).rank > 0 else { return nil }
    let shape = context.shape(0)
    var axis = try context.node.int("axis", default: 0)
    if axis < 0 { axis += shape.rank }
    let last: Int32 = try context.node.int("select_last_index", default: 0) != 0 ? 1 : 0
    let outer = Int64(shape.dimensions[..<axis].reduce(1, *))
    let reduced = Int64(shape[axis])
    let inner = Int64(shape.dimensions[(axis + 1)...].reduce(1, *))
    let (x, pool) = (context.floats(0), context.pool)
    let y = context.rawOutput().assumingMemoryBound(to: Int64.self)
    return { ck_f32_arg_extreme(isLargest ? 1 : 0, last, outer, reduced, inner, x, y, pool) }
  }

  /// Rows and columns where the axis is the last one that is not 1 long.
  private static func rows(_ context: LoweringContext) throws -> (rows: Int64, columns: Int64)? {
    let shape = context.shape(0)
    guard shape.rank > 0 else { return nil }
    var axis = try context.node.int("axis", default: -1)
    if axis < 0 { axis += shape.rank }
    guard shape.dimensions[(axis + 1)...].allSatisfy({ $0 == 1 }) else { return nil }
    return (Int64(shape.dimensions[..<axis].reduce(1, *)), Int64(shape[axis]))
  }

  private typealias RowKernel =
    @Sendable (
      Int64, Int64, UnsafePointer<Float>, UnsafeMutablePointer<Float>, OpaquePointer?
    ) -> Void

  private static func softmax(_ context: LoweringContext, _ kernel: @escaping RowKernel) throws
    -> Step?
  {
    guard context.areFloats(0), let (rows, columns) = try rows(context) else { return nil }
    let (x, y, pool) = (context.floats(0), context.outputFloats(), context.pool)
    return { kernel(rows, columns, x, y, pool) }
  }

  private typealias RowGradientKernel =
    @Sendable (
      Int64, Int64, UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>,
      OpaquePointer?
    ) -> Void

  private static func softmaxGradient(
    _ context: LoweringContext,
    _ kernel: @escaping RowGradientKernel
  ) throws -> Step? {
    guard context.areFloats(0, 1), let (rows, columns) = try rows(context) else { return nil }
    let (y, dy, dx, pool) = (
      context.floats(0), context.floats(1), context.outputFloats(), context.pool
    )
    return { kernel(rows, columns, y, dy, dx, pool) }
  }
}
