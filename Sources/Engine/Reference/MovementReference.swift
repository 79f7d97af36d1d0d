import GraphIR
import Tensors

extension ReferenceOperators {
  static let movement: [OperatorName: ReferenceFunction] = [
    "Shape": { call in
      let shape = try call.input(0).shape
      let range = try call.node.shapeRange(rank: shape.rank)
      return [Tensor(vector: shape.dimensions[range].map { Int64($0) })]
    },
    "Size": { call in [Tensor(scalar: Int64(try call.input(0).shape.elementCount))] },
    "Reshape": reshape,
    "Flatten": { call in
      let x = try call.input(0)
      let axis = try call.node.flattenAxis(rank: x.shape.rank)
      let sizes = x.shape.dimensions
      return [
        x.reshaped(to: try call.shape([sizes[..<axis].reduce(1, *), sizes[axis...].reduce(1, *)]))
      ]
    },
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Transpose": { call in
      let x = try call.input(0)
      let order = try call.node.permutation(rank: x.shape.rank)
      let shape = Shape(order.map { x.shape[$0] })
      let strides = x.shape.strides
      return [x.gathering(shape.offsets(strides: order.map { strides[$0] }), shape)]
    },
    "Concat": concat,
    "Split": split,
    "Slice": slice,
    "Pad": pad,
    "Expand": { call in
      let x = try call.input(0)
      let asked = try call.shape(call.integers(1))
      do {
        let shape = try Shape.broadcast(x.shape, asked)
        return [x.gathering(x.shape.broadcastOffsets(to: shape), shape)]
      } catch {
        throw call.error("\(error)")
      }
    },
    "Tile": { call in
      let x = try call.input(0)
      let repeats = try call.integers(1)
      guard repeats.count == x.shape.rank else {
        throw call.error("\(repeats.count) repeats for \(x.shape)")
      }
      let repeated = try call.shape(repeats)
      let shape = try call.shape(
        zip(x.shape.dimensions, repeated.dimensions).map { $0.multipliedFullWidth(by: $1) }
          .map { $0.high == 0 ? Int(clamping: $0.low) : .max }
      )
      return [x.gathering(shape) { index in zip(index, x.shape.dimensions).map { $0 % $1 } }]
    },
    "DepthToSpace": depthToSpace,
    "SpaceToDepth": spaceToDepth,
    "ReverseSequence": reverseSequence,
    "CenterCropPad": centerCropPad,
  ]

  @Sendable private static func reshape(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    var sizes = try call.integers(1)
    let copiesZero = try !call.node.flag("allowzero", default: false)
    let copied = sizes.indices.filter { sizes[$0] == 0 && copiesZero }
    for axis in copied {
      guard axis < x.shape.rank else {
        throw call.error("shape \(sizes) copies dimension \(axis) of \(x.shape)")
      }
      sizes[axis] = x.shape[axis]
    }
    if let hole = sizes.firstIndex(of: -1) {
      // What is copied stands on both sides, so that an empty batch still tells the other sizes.
      let own = x.shape.dimensions.indices.filter { !copied.contains($0) }.map { x.shape[$0] }
      let others = sizes.indices.filter { $0 != hole && !copied.contains($0) }.map { sizes[$0] }
      let total = try call.shape(own).elementCount
      let rest = try call.shape(others).elementCount
      guard rest > 0 ? total % rest == 0 : total == 0 else {
        throw call.error("\(x.shape) does not fit the shape \(try call.integers(1))")
      }
      sizes[hole] = rest > 0 ? total / rest : 0
    }
    let shape = try call.shape(sizes)
    guard shape.elementCount == x.shape.elementCount else {
      throw call.error("\(x.shape) does not fit the shape \(shape)")
    }
    return [x.reshaped(to: shape)]
  }

  @Sendable private static func squeeze(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let ones = x.shape.dimensions.indices.filter { x.shape[$0] == 1 }
    let axes =
      try call.optionalIntegers(1)
      .map { try call.node.normalizedAxes($0, rank: x.shape.rank) } ?? ones
    guard axes.allSatisfy(ones.contains) else {
      throw call.error("axes \(axes) of \(x.shape) are not all of size 1")
    }
    let kept = x.shape.dimensions.indices.filter { !axes.contains($0) }
    return [x.reshaped(to: Shape(kept.map { x.shape[$0] }))]
  }

  @Sendable private static func unsqueeze(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let axes = try call.integers(1)
    var sizes = x.shape.dimensions
    for axis in try call.node.normalizedAxes(axes, rank: sizes.count + axes.count).sorted() {
      sizes.insert(1, at: axis)
    }
    return [x.reshaped(to: try call.shape(sizes))]
  }

  @Sendable private static func concat(_ call: ReferenceCall) throws -> [Tensor?] {
    let parts = try call.inputs.indices.map { try call.input($0) }
    let first = try call.input(0)
    try call.requireSameDType(parts)
    let axis = try call.node.normalizedAxis(
      call.node.int("axis", default: 0),
      rank: first.shape.rank
    )
    var sizes = first.shape.dimensions
    sizes[axis] = 0
    for part in parts {
      guard part.shape.rank == sizes.count,
        sizes.indices.allSatisfy({ $0 == axis || sizes[$0] == part.shape[$0] })
      else { throw call.error("\(part.shape) does not fit \(first.shape) along axis \(axis)") }
      sizes[axis] += part.shape[axis]
    }
    let shape = try call.shape(sizes)
    let layout = AxisLayout(shape, axis: axis)
    let width = first.dtype.byteCount
    var bytes: [UInt8] = []
    bytes.reserveCapacity(shape.elementCount * width)
    for outer in 0..<layout.outer {
      for part in parts {
        let count = part.shape[axis] * layout.inner * width
        part.withBytes { bytes += $0[outer * count..<(outer + 1) * count] }
      }
    }
    return [Tensor(dtype: first.dtype, shape) { $0.copyBytes(from: bytes) }]
  }

  @Sendable private static func split(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let axis = try call.node.normalizedAxis(
      call.node.int("axis", default: 0),
      rank: x.shape.rank
    )
    let sizes = try call.node.splitSizes(
      of: x.shape[axis],
      split: call.optionalIntegers(1),
      outputCount: call.node.outputs.count
    )
    var start = 0
    return sizes.map { size in
      var part = x.shape.dimensions
      part[axis] = size
      defer { start += size }
      return x.gathering(Shape(part)) { index in
        var source = index
        source[axis] += start
        return source
      }
    }
  }

  @Sendable private static func slice(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    var ranges = x.shape.dimensions.map { SliceRange(start: 0, end: $0, step: 1, size: $0) }
    let bounds = try call.node.sliceBounds(
      starts: call.integers(1),
      ends: call.integers(2),
      axes: call.optionalIntegers(3),
      steps: call.optionalIntegers(4),
      rank: x.shape.rank
    )
    for bound in bounds {
      ranges[bound.axis] = SliceRange(
        start: bound.start,
        end: bound.end,
        step: bound.step,
        size: x.shape[bound.axis]
      )
    }
    return [
      x.gathering(Shape(ranges.map(\.count))) { index in
        zip(index, ranges).map { $1.start + $0 * $1.step }
      }
    ]
  }

  @Sendable private static func pad(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let pads = try call.node.padsByDimension(
      call.integers(1),
      axes: call.optionalIntegers(3),
      rank: x.shape.rank
    )
    let mode = try call.node.string("mode", default: "constant")
    let shape = try call.shape(zip(x.shape.dimensions, pads).map { $0 + $1.begin + $1.end })
    let fill = call.optionalInput(2)
    if let fill, fill.dtype != x.dtype || fill.shape.elementCount != 1 {
      throw call.error("constant_value is \(fill.dtype)\(fill.shape), data is \(x.dtype)")
    }
    guard mode == "constant" || x.shape.elementCount > 0 || shape.elementCount == 0 else {
      throw call.error("mode \(mode) pads \(x.shape) from nothing")
    }
    let source: (_ place: Int, _ axis: Int) -> Int?
    switch mode {
    case "constant":
      source = { place, axis in (0..<x.shape[axis]).contains(place) ? place : nil }
    case "edge":
      source = { place, axis in min(max(place, 0), x.shape[axis] - 1) }
    case "wrap":
      source = { place, axis in remainder(place, x.shape[axis]) }
    case "reflect":
      source = { place, axis in
        let period = max(2 * (x.shape[axis] - 1), 1)
        let folded = remainder(place, period)
        return min(folded, period - folded) % x.shape[axis]
      }
    default: throw call.error("mode is \(mode), expected constant, reflect, edge or wrap")
    }
    return [
      x.gathering(shape, fill: fill) { index in
        var result: [Int] = []
        for (axis, place) in index.enumerated() {
          guard let place = source(place - pads[axis].begin, axis) else { return nil }
          result.append(place)
        }
        return result
      }
    ]
  }

  /// The remainder that is never negative.
  private static func remainder(_ value: Int, _ modulus: Int) -> Int {
    let remainder = value % modulus
    return remainder < 0 ? remainder + modulus : remainder
  }

  @Sendable private static func depthToSpace(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let block = try call.node.blockSize()
    let channelsFirst = try call.node.isColumnRowDepth()
    guard x.shape.rank == 4, x.shape[1] % (block * block) == 0 else {
      throw call.error("input 0 is \(x.shape), blocksize \(block)")
    }
    let depth = x.shape[1] / (block * block)
    let shape = try call.shape([x.shape[0], depth, x.shape[2] * block, x.shape[3] * block])
    return [
      x.gathering(shape) { index in
        let cell = index[2] % block * block + index[3] % block
        let channel =
          channelsFirst ? index[1] * block * block + cell : cell * depth + index[1]
        return [index[0], channel, index[2] / block, index[3] / block]
      }
    ]
  }

  @Sendable private static func spaceToDepth(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let block = try call.node.blockSize()
    guard x.shape.rank == 4, x.shape[2] % block == 0, x.shape[3] % block == 0 else {
      throw call.error("input 0 is \(x.shape), blocksize \(block)")
    }
    let depth = x.shape[1]
    let shape = try call.shape(
      [x.shape[0], depth * block * block, x.shape[2] / block, x.shape[3] / block])
    return [
      x.gathering(shape) { index in
        let cell = index[1] / depth
        return [
          index[0], index[1] % depth, index[2] * block + cell / block,
          index[3] * block + cell % block,
        ]
      }
    ]
  }

  @Sendable private static func reverseSequence(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let lengths = try call.integers(1)
    let axes = try call.node.sequenceAxes()
    guard x.shape.rank >= 2, lengths.count == x.shape[axes.batch],
      lengths.allSatisfy({ (0...x.shape[axes.time]).contains($0) })
    else { throw call.error("sequence_lens is \(lengths) for \(x.shape)") }
    return [
      x.gathering(x.shape) { index in
        var source = index
        let length = lengths[index[axes.batch]]
        if index[axes.time] < length { source[axes.time] = length - 1 - index[axes.time] }
        return source
      }
    ]
  }

  @Sendable private static func centerCropPad(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let sizes = try call.shape(call.integers(1))
    let axes = try call.node.normalizedAxes(
      call.node.ints("axes") ?? Array(0..<x.shape.rank),
      rank: x.shape.rank
    )
    guard sizes.rank == axes.count else {
      throw call.error("\(sizes.rank) sizes for \(axes.count) axes")
    }
    var result = x.shape.dimensions
    for (position, axis) in axes.enumerated() { result[axis] = sizes[position] }
    // The first source place: half of what is cut away, or minus half of what is added, rounded down.
    let offsets = zip(x.shape.dimensions, result).map { own, wanted in
      own >= wanted ? (own - wanted) / 2 : -((wanted - own) / 2)
    }
    return [
      x.gathering(try call.shape(result)) { index in
        let source = zip(index, offsets).map { $0 + $1 }
        let isInside = zip(source, x.shape.dimensions).allSatisfy { $0 >= 0 && $0 < $1 }
        return isInside ? source : nil
      }
    ]
  }
}
