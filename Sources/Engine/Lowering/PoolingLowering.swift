import CKernels
import GraphIR
import Tensors

extension Lowerings {
  static let pooling: [OperatorName: Lowering] = [
    "MaxPool": { try maximum($0) },
    "AveragePool": { try average($0) },
    "GlobalAveragePool": { global($0, isMaximum: false) },
    "GlobalMaxPool": { global($0, isMaximum: true) },
    .martlet("MaxPoolGradient"): { try maximumGradient($0) },
    .martlet("AveragePoolGradient"): { try averageGradient($0) },
  ]

  private static func maximum(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0), !context.hasOutput(1),
      let fixed = try pooling(context, over: context.shape(0))
    else { return nil }
    let (x, y, pool) = (context.floats(0), context.outputFloats(), context.pool)
    return {
      var pooling = fixed
      ck_f32_max_pool(&pooling, x, y, pool)
    }
  }

  private static func average(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0), try !leavesPadding(context),
      let fixed = try pooling(context, over: context.shape(0))
    else { return nil }
    let (x, y, pool) = (context.floats(0), context.outputFloats(), context.pool)
    return {
      var pooling = fixed
      ck_f32_average_pool(&pooling, x, y, pool)
    }
  }

  private static func global(_ context: LoweringContext, isMaximum: Bool) -> Step? {
    guard context.areFloats(0), context.shape(0).rank >= 3 else { return nil }
    let shape = context.shape(0)
    let outer = Int64(shape[0] * shape[1])
    let reduced = Int64(shape.dimensions[2...].reduce(1, *))
    let (x, y, pool) = (context.floats(0), context.outputFloats(), context.pool)
    let op = isMaximum ? CK_REDUCE_MAX : CK_REDUCE_MEAN
    return { ck_f32_reduce(op, outer, reduced, 1, x, y, pool) }
  }

  private static func maximumGradient(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0, 1), let fixed = try pooling(context, over: context.shape(0)) else {
      return nil
    }
    let (x, dy, dx, pool) = (
      context.floats(0), context.floats(1), context.outputFloats(), context.pool
    )
    return {
      var pooling = fixed
      ck_f32_max_pool_gradient(&pooling, x, dy, dx, pool)
    }
  }

  private static func averageGradient(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0), try !leavesPadding(context),
      let fixed = try pooling(context, over: context.outputShape())
    else { return nil }
    let (dy, dx, pool) = (context.floats(0), context.outputFloats(), context.pool)
    return {
      var pooling = fixed
      ck_f32_average_pool_gradient(&pooling, dy, dx, pool)
    }
  }

  /// With `ceil_mode` a last window may reach past the padding; only the reference counts those cells as ONNX does.
  private static func leavesPadding(_ context: LoweringContext) throws -> Bool {
    try context.node.int("ceil_mode", default: 0) != 0
      && context.node.int("count_include_pad", default: 0) != 0
  }

  private static func pooling(_ context: LoweringContext, over input: Shape) throws -> ck_pooling? {
    guard input.rank == 3 || input.rank == 4 else { return nil }
    let node = context.node
    guard let kernel = try node.ints("kernel_shape") else { return nil }
    let windows = try WindowAttributes(node, kernel: kernel).windows(
      over: Array(input.dimensions[2...]),
      of: node
    )
    return ck_pooling(
      n: Int64(input[0]),
      c: Int64(input[1]),
      h: planar(windows.inputSizes, 0, 1),
      w: planar(windows.inputSizes, 1, 1),
      kh: planar(windows.kernel, 0, 1),
      kw: planar(windows.kernel, 1, 1),
      oh: planar(windows.outputSizes, 0, 1),
      ow: planar(windows.outputSizes, 1, 1),
      stride_h: planar(windows.strides, 0, 1),
      stride_w: planar(windows.strides, 1, 1),
      dilation_h: planar(windows.dilations, 0, 1),
      dilation_w: planar(windows.dilations, 1, 1),
      pad_top: planar(windows.padsBegin, 0, 0),
      pad_left: planar(windows.padsBegin, 1, 0),
      pad_bottom: planar(windows.padsEnd, 0, 0),
      pad_right: planar(windows.padsEnd, 1, 0),
      count_include_pad: try node.int("count_include_pad", default: 0) != 0
    )
  }
}
