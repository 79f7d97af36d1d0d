import GraphIR
import Tensors

extension ReferenceOperators {
  static let convolution: [OperatorName: ReferenceFunction] = [
    "Conv": conv,
    "ConvTranspose": convTranspose,
    .martlet("ConvGradientInput"): convGradientInput,
    .martlet("ConvGradientWeights"): convGradientWeights,
  ]

  @Sendable private static func conv(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let w = try call.input(1)
    try call.requireSameDType([x, w])
    let (sums, shape) = try convolve(call, x.doubles, x.shape, w.doubles, w.shape)
    var y = sums
    if let bias = call.optionalInput(2)?.doubles {
      guard bias.count == w.shape[0] else {
        throw call.error("B has \(bias.count) elements, W is \(w.shape)")
      }
      let layout = try ChannelLayout(call, shape)
      for position in y.indices { y[position] += bias[layout.channel(of: position)] }
    }
    return [Double.store(y, as: x.dtype, shape)]
  }

  /// The convolution of data with weights, both given as Double.
  static func convolve(
    _ call: ReferenceCall,
    _ x: [Double],
    _ data: Shape,
    _ w: [Double],
    _ weights: Shape
  ) throws -> (values: [Double], shape: Shape) {
    let sizes = try ConvolutionSizes(call, data: data, weights: weights)
    let windows = try WindowAttributes(call.node, kernel: sizes.kernel)
      .windows(over: Array(data.dimensions[2...]), of: call.node)
    let shape = try call.shape([data[0], weights[0]] + windows.outputSizes)
    var y = [Double](repeating: 0, count: shape.elementCount)
    forEachProduct(windows, batch: data[0], sizes) { y[$1] += x[$0] * w[$2] }
    return (y, shape)
  }

  @Sendable private static func convTranspose(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let w = try call.input(1)
    try call.requireSameDType([x, w])
    guard (3...5).contains(x.shape.rank), w.shape.rank == x.shape.rank,
      x.shape[1] == w.shape[0]
    else { throw call.error("X is \(x.shape) and W \(w.shape)") }
    let group = try call.group(dividing: w.shape[0])
    let sizes = ConvolutionSizes(
      kernel: Array(w.shape.dimensions[2...]),
      group: group,
      channels: w.shape[1],
      outputs: w.shape[0] / group
    )
    let windows = try WindowAttributes(call.node, kernel: sizes.kernel)
      .transposedWindows(over: Array(x.shape.dimensions[2...]), of: call.node)
    let shape = try call.shape([x.shape[0], sizes.channels * group] + windows.inputSizes)
    let bias = call.optionalInput(2)?.doubles ?? [Double](repeating: 0, count: shape[1])
    guard bias.count == shape[1] else {
      throw call.error("B has \(bias.count) elements, expected \(shape[1])")
    }
    let spatial = windows.inputCount
    var y = [Double](repeating: 0, count: shape.elementCount)
    for index in y.indices { y[index] = bias[index / spatial % shape[1]] }
    let (xs, ws) = (x.doubles, w.doubles)
    forEachProduct(windows, batch: x.shape[0], sizes) { y[$0] += xs[$1] * ws[$2] }
    return [Double.store(y, as: x.dtype, shape)]
  }

  @Sendable private static func convGradientInput(_ call: ReferenceCall) throws -> [Tensor?] {
    let dy = try call.input(0)
    let w = try call.input(1)
    try call.requireSameDType([dy, w])
    let shape = try call.shape(call.integers(2))
    let sizes = try ConvolutionSizes(call, data: shape, weights: w.shape)
    let windows = try gradientWindows(call, data: shape, weights: w.shape, gradient: dy.shape)
    let (dys, ws) = (dy.doubles, w.doubles)
    var dx = [Double](repeating: 0, count: shape.elementCount)
    forEachProduct(windows, batch: shape[0], sizes) { dx[$0] += dys[$1] * ws[$2] }
    return [Double.store(dx, as: dy.dtype, shape)]
  }

  @Sendable private static func convGradientWeights(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let dy = try call.input(1)
    try call.requireSameDType([x, dy])
    let shape = try call.shape(call.integers(2))
    let sizes = try ConvolutionSizes(call, data: x.shape, weights: shape)
    let windows = try gradientWindows(call, data: x.shape, weights: shape, gradient: dy.shape)
    let (xs, dys) = (x.doubles, dy.doubles)
    var dw = [Double](repeating: 0, count: shape.elementCount)
    forEachProduct(windows, batch: x.shape[0], sizes) { dw[$2] += xs[$0] * dys[$1] }
    return [Double.store(dw, as: x.dtype, shape)]
  }

  private static func gradientWindows(
    _ call: ReferenceCall,
    data: Shape,
    weights: Shape,
    gradient: Shape
  ) throws -> WindowGeometry {
    let windows = try WindowAttributes(call.node, kernel: Array(weights.dimensions[2...]))
      .windows(over: Array(data.dimensions[2...]), of: call.node)
    guard gradient.dimensions == [data[0], weights[0]] + windows.outputSizes else {
      throw call.error(
        "dY is \(gradient), expected \([data[0], weights[0]] + windows.outputSizes) for X \(data) and W \(weights)"
      )
    }
    return windows
  }

  /// Passes the positions (in the large data, in the small data, in the weights) of all products that a convolution sums up.
  private static func forEachProduct(
    _ windows: WindowGeometry,
    batch: Int,
    _ sizes: ConvolutionSizes,
    _ body: (_ large: Int, _ small: Int, _ weight: Int) -> Void
  ) {
    let outputs = sizes.outputs * sizes.group
    let (large, small) = (windows.inputCount, windows.outputCount)
    for output in 0..<small {
      let cells = windows.taps(at: output).cells
      for n in 0..<batch {
        for m in 0..<outputs {
          let firstChannel = m / sizes.outputs * sizes.channels
          for c in 0..<sizes.channels {
            let channel = n * sizes.channels * sizes.group + firstChannel + c
            let filter = (m * sizes.channels + c) * windows.kernelCount
            for cell in cells {
              body(
                channel * large + cell.input,
                (n * outputs + m) * small + output,
                filter + cell.kernel
              )
            }
          }
        }
      }
    }
  }
}

/// Channel counts of a convolution with weights `[group * outputs, channels, kernel...]`.
private struct ConvolutionSizes {
  let kernel: [Int]
  let group: Int
  /// Input channels that one filter reads: C / group.
  let channels: Int
  /// Output channels of one group: M / group.
  let outputs: Int

  init(kernel: [Int], group: Int, channels: Int, outputs: Int) {
    self.kernel = kernel
    self.group = group
    self.channels = channels
    self.outputs = outputs
  }

  init(_ call: ReferenceCall, data: Shape, weights: Shape) throws {
    guard (3...5).contains(data.rank), weights.rank == data.rank else {
      throw call.error("X is \(data) and W \(weights), expected the same rank of 3 to 5")
    }
    group = try call.group(dividing: weights[0])
    kernel = Array(weights.dimensions[2...])
    channels = weights[1]
    outputs = weights[0] / group
    guard data[1] == channels * group else {
      throw call.error("X is \(data) and W \(weights) with group \(group)")
    }
  }
}

extension ReferenceCall {
  /// The attribute `group`.
  fileprivate func group(dividing channels: Int) throws -> Int {
    let group = try node.int("group", default: 1)
    guard group >= 1, group <= max(channels, 1), channels % group == 0 else {
      throw error("group is \(group), which does not divide \(channels) channels")
    }
    return group
  }
}
