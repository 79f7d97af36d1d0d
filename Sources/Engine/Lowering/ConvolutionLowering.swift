import CKernels
import GraphIR
import Tensors

extension Lowerings {
  static let convolution: [OperatorName: Lowering] = [
    "Conv": { try forward($0) },
    "ConvTranspose": { try transposed($0) },
    .martlet("ConvGradientInput"): { try gradientInput($0) },
    .martlet("ConvGradientWeights"): { try gradientWeights($0) },
  ]

  /// `Y = act(X * W + B)`.
  private static func forward(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0, 1), !context.hasInput(2) || context.areFloats(2),
      var conv = try geometry(
        context,
        input: context.shape(0),
        weights: context.shape(1),
        output: context.outputShape()
      )
    else { return nil }
    let packed = context.packed(
      1,
      layout: "conv \(layoutKey(conv))",
      floatCount: Int(ck_f32_conv_packed_count(&conv))
    ) { ck_f32_conv_pack(&conv, $0, $1) }
    let fixed = conv
    let (x, w, y, pool) = (
      context.floats(0), context.floats(1), context.outputFloats(), context.pool
    )
    let bias = context.hasInput(2) ? UnsafePointer(context.floats(2)) : nil
    let activation = context.activation
    return {
      var conv = fixed
      ck_f32_conv(&conv, x, w, packed, bias, activation, y, pool)
    }
  }

  /// The gradient of a convolution with respect to its input, which is ConvTranspose without a bias.
  private static func gradientInput(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0, 1),
      let fixed = try geometry(
        context,
        input: context.outputShape(),
        weights: context.shape(1),
        output: context.shape(0)
      )
    else { return nil }
    let (dy, w, dx, pool) = (
      context.floats(0), context.floats(1), context.outputFloats(), context.pool
    )
    return {
      var conv = fixed
      ck_f32_conv_gradient_input(&conv, dy, w, dx, pool)
    }
  }

  private static func transposed(_ context: LoweringContext) throws -> Step? {
    let output = context.outputShape()
    guard context.areFloats(0, 1), !context.hasInput(2) || context.areFloats(2),
      context.shape(0).rank == 4
    else { return nil }
    let node = context.node
    let kernel = try node.ints("kernel_shape") ?? Array(context.shape(1).dimensions[2...])
    let windows = try WindowAttributes(node, kernel: kernel).transposedWindows(
      over: Array(context.shape(0).dimensions[2...]),
      of: node
    )
    let groups = try node.int("group", default: 1)
    let fixed = conv(
      windows,
      batch: output[0],
      channels: output[1],
      outputChannels: context.shape(0)[1],
      groups: groups
    )
    let (x, w, y, pool) = (
      context.floats(0), context.floats(1), context.outputFloats(), context.pool
    )
    guard context.hasInput(2) else {
      return {
        var conv = fixed
        ck_f32_conv_transpose(&conv, x, w, y, pool)
      }
    }
    let bias = context.floats(2)
    let sizes = context.memory.store([output[0], output[1], output[2] * output[3]].map(Int64.init))
    let strides = context.memory.store(
      [output[1] * output[2] * output[3], output[2] * output[3], 1].map(Int64.init)
    )
    let biasStrides = context.memory.store([Int64(0), 1, 0])
    return {
      var conv = fixed
      ck_f32_conv_transpose(&conv, x, w, y, pool)
      ck_f32_binary_broadcast(CK_ADD, 3, sizes, y, strides, bias, biasStrides, 0, y, pool)
    }
  }

  private static func gradientWeights(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0, 1),
      let fixed = try geometry(
        context,
        input: context.shape(0),
        weights: context.outputShape(),
        output: context.shape(1)
      )
    else { return nil }
    let (x, dy, dw, pool) = (
      context.floats(0), context.floats(1), context.outputFloats(), context.pool
    )
    return {
      var conv = fixed
      ck_f32_conv_gradient_weights(&conv, x, dy, dw, pool)
    }
  }

  /// The kernels' description of a convolution `input * weights -> output`; `nil` for three spatial dimensions.
  private static func geometry(
    _ context: LoweringContext,
    input: Shape,
    weights: Shape,
    output: Shape
  ) throws -> ck_conv? {
    guard input.rank == 3 || input.rank == 4 else { return nil }
    let node = context.node
    let kernel = Array(weights.dimensions[2...])
    let windows = try WindowAttributes(node, kernel: kernel).windows(
      over: Array(input.dimensions[2...]),
      of: node
    )
    return conv(
      windows,
      batch: input[0],
      channels: input[1],
      outputChannels: output[1],
      groups: try node.int("group", default: 1)
    )
  }

  private static func conv(
    _ windows: WindowGeometry,
    batch: Int,
    channels: Int,
    outputChannels: Int,
    groups: Int
  ) -> ck_conv {
    ck_conv(
      n: Int64(batch),
      c: Int64(channels),
      h: planar(windows.inputSizes, 0, 1),
      w: planar(windows.inputSizes, 1, 1),
      oc: Int64(outputChannels),
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
      groups: Int64(groups)
    )
  }

  /// What the packed layout may depend on: everything but the batch.
  private static func layoutKey(_ conv: ck_conv) -> String {
    var key = conv
    key.n = 0
    return "\(key)"
  }

  /// Value `index` of two spatial axes; one spatial dimension counts as the last of two.
  static func planar(_ values: [Int], _ index: Int, _ missing: Int) -> Int64 {
    let position = index - (2 - values.count)
    return Int64(position < 0 ? missing : values[position])
  }
}
