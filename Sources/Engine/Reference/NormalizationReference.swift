import Glibc
import GraphIR
import Tensors

extension ReferenceOperators {
  static let normalization: [OperatorName: ReferenceFunction] = [
    "BatchNormalization": batchNormalization,
    .martlet("BatchNormalizationGradient"): batchNormalizationGradient,
    .martlet("BatchStatistics"): { call in
      let x = try call.input(0)
      let moments = try batchMoments(call, x)
      return [
        Double.store(moments.map(\.mean), as: x.dtype, [moments.count]),
        Double.store(moments.map(\.variance), as: x.dtype, [moments.count]),
      ]
    },
    "InstanceNormalization": instanceNormalization,
    "LayerNormalization": layerNormalization,
    "GroupNormalization": groupNormalization,
    "RMSNormalization": rmsNormalization,
    "LRN": localResponseNormalization,
    "LpNormalization": lpNormalization,
    "MeanVarianceNormalization": meanVarianceNormalization,
  ]

  private static func batchMoments(_ call: ReferenceCall, _ x: Tensor) throws -> [Moments] {
    let layout = try ChannelLayout(call, x.shape)
    let values = x.doubles
    return (0..<layout.channels).map { channel in
      Moments(layout.positions(ofChannel: channel).map { values[$0] })
    }
  }

  /// A vector with one element for each channel.
  private static func channelVector(
    _ call: ReferenceCall,
    _ index: Int,
    count: Int
  ) throws -> [Double] {
    let tensor = try call.input(index)
    guard tensor.shape == [count] else {
      throw call.error("input \(index) is \(tensor.shape), expected [\(count)]")
    }
    return tensor.doubles
  }

  private static func epsilon(_ call: ReferenceCall) throws -> Double {
    Double(try call.node.float("epsilon", default: 1e-5))
  }

  @Sendable private static func batchNormalization(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let layout = try ChannelLayout(call, x.shape)
    let epsilon = try epsilon(call)
    let scale = try channelVector(call, 1, count: layout.channels)
    let bias = try channelVector(call, 2, count: layout.channels)
    var mean = try channelVector(call, 3, count: layout.channels)
    var variance = try channelVector(call, 4, count: layout.channels)
    var running: [Tensor?] = []
    if try call.node.flag("training_mode", default: false) {
      let momentum = Double(try call.node.float("momentum", default: 0.9))
      let moments = try batchMoments(call, x)
      let means = zip(mean, moments).map { $0 * momentum + $1.mean * (1 - momentum) }
      let variances = zip(variance, moments).map { $0 * momentum + $1.variance * (1 - momentum) }
      running = [
        Double.store(means, as: try call.input(3).dtype, [layout.channels]),
        Double.store(variances, as: try call.input(4).dtype, [layout.channels]),
      ]
      mean = moments.map(\.mean)
      variance = moments.map(\.variance)
    }
    let y = x.doubles.enumerated().map { position, value in
      let c = layout.channel(of: position)
      return (value - mean[c]) / (variance[c] + epsilon).squareRoot() * scale[c] + bias[c]
    }
    return [Double.store(y, as: x.dtype, x.shape)] + running
  }

  @Sendable private static func batchNormalizationGradient(
    _ call: ReferenceCall
  ) throws -> [Tensor?] {
    let x = try call.input(0)
    let dy = try call.input(1)
    let layout = try ChannelLayout(call, x.shape)
    guard dy.shape == x.shape else { throw call.error("x is \(x.shape), dy \(dy.shape)") }
    let epsilon = try epsilon(call)
    let scale = try channelVector(call, 2, count: layout.channels)
    let mean = try channelVector(call, 3, count: layout.channels)
    let variance = try channelVector(call, 4, count: layout.channels)
    let (values, gradient) = (x.doubles, dy.doubles)
    var dx = [Double](repeating: 0, count: values.count)
    var dscale = [Double](repeating: 0, count: layout.channels)
    var dbias = dscale
    for c in 0..<layout.channels {
      let positions = layout.positions(ofChannel: c)
      let deviation = (variance[c] + epsilon).squareRoot()
      for position in positions {
        dbias[c] += gradient[position]
        dscale[c] += gradient[position] * (values[position] - mean[c]) / deviation
      }
      let count = Double(positions.count)
      for position in positions {
        let normalized = (values[position] - mean[c]) / deviation
        dx[position] =
          scale[c] / deviation
          * (gradient[position] - dbias[c] / count - normalized * dscale[c] / count)
      }
    }
    let vector = try call.input(2).dtype
    return [
      Double.store(dx, as: x.dtype, x.shape),
      Double.store(dscale, as: vector, [layout.channels]),
      Double.store(dbias, as: vector, [layout.channels]),
    ]
  }

  /// Brings consecutive blocks of equal length to mean 0 and variance 1.
  private static func normalizedBlocks(
    _ values: [Double],
    length: Int,
    epsilon: Double
  ) -> (values: [Double], moments: [Moments]) {
    guard length > 0 else { return (values, []) }
    var result = values
    let moments = stride(from: 0, to: values.count, by: length).map { start in
      let block = Moments(Array(values[start..<start + length]))
      let deviation = (block.variance + epsilon).squareRoot()
      for index in start..<start + length {
        result[index] = (values[index] - block.mean) / deviation
      }
      return block
    }
    return (result, moments)
  }

  @Sendable private static func instanceNormalization(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let layout = try ChannelLayout(call, x.shape)
    return [try blockNormalized(call, x, layout, length: layout.spatial)]
  }

  @Sendable private static func groupNormalization(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let layout = try ChannelLayout(call, x.shape)
    let groups = try call.node.int("num_groups", default: 0)
    guard groups > 0, layout.channels % groups == 0 else {
      throw call.error("num_groups is \(groups), X is \(x.shape)")
    }
    let length = layout.channels / groups * layout.spatial
    return [try blockNormalized(call, x, layout, length: length)]
  }

  /// Normalises blocks of `length` elements, then applies scale and bias by channel (inputs 1 and 2).
  private static func blockNormalized(
    _ call: ReferenceCall,
    _ x: Tensor,
    _ layout: ChannelLayout,
    length: Int
  ) throws -> Tensor {
    let scale = try channelVector(call, 1, count: layout.channels)
    let bias = try channelVector(call, 2, count: layout.channels)
    let blocks = normalizedBlocks(x.doubles, length: length, epsilon: try epsilon(call))
    let y = blocks.values.enumerated().map { position, value in
      value * scale[layout.channel(of: position)] + bias[layout.channel(of: position)]
    }
    return Double.store(y, as: x.dtype, x.shape)
  }

  @Sendable private static func layerNormalization(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let axis = try call.node.normalizedAxis(
      call.node.int("axis", default: -1),
      rank: x.shape.rank
    )
    let epsilon = try epsilon(call)
    let length = x.shape.dimensions[axis...].reduce(1, *)
    let blocks = normalizedBlocks(x.doubles, length: length, epsilon: epsilon)
    let scale = try operand(call, 1, broadcastTo: x.shape)
    let bias = try call.optionalInput(2).map { _ in try operand(call, 2, broadcastTo: x.shape) }
    let y = blocks.values.indices.map { blocks.values[$0] * scale[$0] + (bias?[$0] ?? 0) }
    let stash = try call.node.stashType(for: x.dtype)
    let ones = [Int](repeating: 1, count: x.shape.rank - axis)
    let shape = Shape(x.shape.dimensions[..<axis] + ones)
    guard blocks.moments.count == shape.elementCount else {
      throw call.error("X is \(x.shape); the dimensions from axis \(axis) on are empty")
    }
    return [
      Double.store(y, as: x.dtype, x.shape),
      Double.store(blocks.moments.map(\.mean), as: stash, shape),
      Double.store(
        blocks.moments.map { 1 / ($0.variance + epsilon).squareRoot() },
        as: stash,
        shape
      ),
    ]
  }

  @Sendable private static func rmsNormalization(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let axis = try call.node.normalizedAxis(
      call.node.int("axis", default: -1),
      rank: x.shape.rank
    )
    let epsilon = try epsilon(call)
    let length = max(x.shape.dimensions[axis...].reduce(1, *), 1)
    let values = x.doubles
    let scale = try operand(call, 1, broadcastTo: x.shape)
    var y = values
    for start in stride(from: 0, to: values.count, by: length) {
      let squares = values[start..<start + length].reduce(0) { $0 + $1 * $1 }
      let root = (squares / Double(length) + epsilon).squareRoot()
      for index in start..<start + length { y[index] = values[index] / root * scale[index] }
    }
    return [Double.store(y, as: try call.input(1).dtype, x.shape)]
  }

  /// An operand's elements repeated to fill `shape`.
  private static func operand(
    _ call: ReferenceCall,
    _ index: Int,
    broadcastTo shape: Shape
  ) throws -> [Double] {
    let tensor = try call.input(index)
    guard (try? Shape.broadcast(tensor.shape, shape)) == shape else {
      throw call.error("input \(index) is \(tensor.shape), which does not broadcast to \(shape)")
    }
    return broadcast(tensor.doubles, tensor.shape, to: shape)
  }

  @Sendable private static func localResponseNormalization(
    _ call: ReferenceCall
  ) throws -> [Tensor?] {
    let x = try call.input(0)
    let layout = try ChannelLayout(call, x.shape)
    let size = try call.node.int("size", default: 0)
    guard size >= 1 else { throw call.error("size is \(size), expected a positive number") }
    let alpha = Double(try call.node.float("alpha", default: 1e-4))
    let beta = Double(try call.node.float("beta", default: 0.75))
    let bias = Double(try call.node.float("bias", default: 1))
    let values = x.doubles
    let y = values.enumerated().map { position, value in
      let c = layout.channel(of: position)
      let first = max(c - (size - 1) / 2, 0)
      let last = c + min(size / 2, layout.channels - 1 - c)
      let squares = (first...last).reduce(0.0) { sum, neighbour in
        let other = values[position + (neighbour - c) * layout.spatial]
        return sum + other * other
      }
      return value / pow(bias + alpha / Double(size) * squares, beta)
    }
    return [Double.store(y, as: x.dtype, x.shape)]
  }

  @Sendable private static func lpNormalization(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let axis = try call.node.normalizedAxis(
      call.node.int("axis", default: -1),
      rank: x.shape.rank
    )
    let p = try call.node.int("p", default: 2)
    let layout = AxisLayout(x.shape, axis: axis)
    var y = x.doubles
    for start in layout.lineStarts {
      let line = (0..<layout.length).map { start + $0 * layout.inner }
      let sum = line.reduce(0.0) { $0 + (p == 1 ? abs(y[$1]) : y[$1] * y[$1]) }
      let norm = p == 1 ? sum : sum.squareRoot()
      // A line of zeros stays zero.
      for position in line where norm != 0 { y[position] /= norm }
    }
    return [Double.store(y, as: x.dtype, x.shape)]
  }

  @Sendable private static func meanVarianceNormalization(
    _ call: ReferenceCall
  ) throws -> [Tensor?] {
    let x = try call.input(0)
    let axes = try call.node.normalizedAxes(
      call.node.ints("axes") ?? [0, 2, 3],
      rank: x.shape.rank
    )
    let kept = Shape(x.shape.dimensions.enumerated().map { axes.contains($0) ? 1 : $1 })
    let groups = kept.broadcastOffsets(to: x.shape)
    let values = x.doubles
    var members = [[Double]](repeating: [], count: kept.elementCount)
    for (value, group) in zip(values, groups) { members[group].append(value) }
    let moments = members.map(Moments.init)
    let y = zip(values, groups).map { value, group in
      (value - moments[group].mean) / (moments[group].variance.squareRoot() + 1e-9)
    }
    return [Double.store(y, as: x.dtype, x.shape)]
  }
}
