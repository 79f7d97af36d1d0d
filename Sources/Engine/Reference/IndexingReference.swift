import GraphIR
import Tensors

extension ReferenceOperators {
  static let indexing: [OperatorName: ReferenceFunction] = [
    "Gather": gather,
    .martlet("GatherGradient"): gatherGradient,
    "GatherElements": gatherElements,
    "GatherND": gatherND,
    "ScatterElements": scatterElements,
    "ScatterND": scatterND,
    "NonZero": nonZero,
    "Compress": compress,
    "Unique": { call in try unique(call, as: call.input(0).dtype.carrier) },
  ]

  /// Indices counted from the front.
  ///
  /// - Throws: `GraphError.operands` for one outside of `-size..<size`.
  private static func places(
    _ call: ReferenceCall,
    _ indices: [Int],
    size: Int
  ) throws -> [Int] {
    try indices.map { try place(call, $0, size: size) }
  }

  private static func place(_ call: ReferenceCall, _ index: Int, size: Int) throws -> Int {
    guard index >= -size, index < size else {
      throw call.error("index \(index) is outside of -\(size)..<\(size)")
    }
    return index < 0 ? index + size : index
  }

  private static func axis(_ call: ReferenceCall, rank: Int) throws -> Int {
    try call.node.normalizedAxis(call.node.int("axis", default: 0), rank: rank)
  }

  /// For every element of Gather's result, the position in data.
  private static func gatherPositions(
    _ call: ReferenceCall,
    data: Shape,
    indices: Tensor
  ) throws -> (positions: [Int], result: Shape) {
    let axis = try axis(call, rank: data.rank)
    let layout = AxisLayout(data, axis: axis)
    guard let values = indices.integers else { throw call.error("the indices are no integers") }
    let rows = try places(call, values, size: layout.length)
    let result = try call.shape(
      data.dimensions[..<axis] + indices.shape.dimensions + data.dimensions[(axis + 1)...]
    )
    var positions: [Int] = []
    positions.reserveCapacity(result.elementCount)
    for outer in 0..<layout.outer {
      for row in rows {
        let start = (outer * layout.length + row) * layout.inner
        positions += start..<start + layout.inner
      }
    }
    return (positions, result)
  }

  @Sendable private static func gather(_ call: ReferenceCall) throws -> [Tensor?] {
    let data = try call.input(0)
    let (positions, shape) = try gatherPositions(
      call,
      data: data.shape,
      indices: call.input(1)
    )
    return [data.gathering(positions, shape)]
  }

  @Sendable private static func gatherGradient(_ call: ReferenceCall) throws -> [Tensor?] {
    let dy = try call.input(0)
    let shape = try call.shape(call.integers(2))
    let (positions, result) = try gatherPositions(call, data: shape, indices: call.input(1))
    guard dy.shape == result else { throw call.error("dy is \(dy.shape), expected \(result)") }
    var gradient = [Double](repeating: 0, count: shape.elementCount)
    for (position, value) in zip(positions, dy.doubles) { gradient[position] += value }
    return [Double.store(gradient, as: dy.dtype, shape)]
  }

  /// For every element of the indices, the position in data where `axis` is replaced by the index.
  private static func elementPositions(
    _ call: ReferenceCall,
    data: Shape,
    indices: Tensor
  ) throws -> [Int] {
    let axis = try axis(call, rank: data.rank)
    guard indices.shape.rank == data.rank, let values = indices.integers,
      data.dimensions.indices.allSatisfy({ $0 == axis || indices.shape[$0] <= data[$0] })
    else { throw call.error("indices are \(indices.dtype)\(indices.shape), data is \(data)") }
    let rows = try places(call, values, size: data[axis])
    var strides = data.strides
    let step = strides[axis]
    strides[axis] = 0
    return zip(indices.shape.offsets(strides: strides), rows).map { $0 + $1 * step }
  }

  @Sendable private static func gatherElements(_ call: ReferenceCall) throws -> [Tensor?] {
    let data = try call.input(0)
    let indices = try call.input(1)
    let positions = try elementPositions(call, data: data.shape, indices: indices)
    return [data.gathering(positions, indices.shape)]
  }

  /// For every index tuple, the position of the slice of data that it names, and the slices' shape.
  private static func slicePositions(
    _ call: ReferenceCall,
    data: Shape,
    indices: Tensor,
    batch: Int
  ) throws -> (starts: [Int], slice: [Int]) {
    guard let values = indices.integers, let depth = indices.shape.dimensions.last, batch >= 0,
      batch < min(data.rank, indices.shape.rank), batch + depth <= data.rank,
      data.dimensions[..<batch] == indices.shape.dimensions[..<batch]
    else {
      throw call.error("indices are \(indices.dtype)\(indices.shape), data is \(data)")
    }
    let strides = data.strides
    let tuples = indices.shape.dimensions.dropLast().reduce(1, *)
    let batches = data.dimensions[..<batch].reduce(1, *)
    let batchStride = data.dimensions[batch...].reduce(1, *)
    let starts = try (0..<tuples).map { tuple in
      var start = tuple / max(tuples / max(batches, 1), 1) * batchStride
      for coordinate in 0..<depth {
        let axis = batch + coordinate
        let index = values[tuple * depth + coordinate]
        start += try place(call, index, size: data[axis]) * strides[axis]
      }
      return start
    }
    return (starts, Array(data.dimensions[(batch + depth)...]))
  }

  @Sendable private static func gatherND(_ call: ReferenceCall) throws -> [Tensor?] {
    let data = try call.input(0)
    let indices = try call.input(1)
    let (starts, slice) = try slicePositions(
      call,
      data: data.shape,
      indices: indices,
      batch: call.node.int("batch_dims", default: 0)
    )
    let shape = try call.shape(indices.shape.dimensions.dropLast() + slice)
    let length = slice.reduce(1, *)
    return [data.gathering(starts.flatMap { $0..<$0 + length }, shape)]
  }

  @Sendable private static func scatterElements(_ call: ReferenceCall) throws -> [Tensor?] {
    let data = try call.input(0)
    let indices = try call.input(1)
    let positions = try elementPositions(call, data: data.shape, indices: indices)
    guard try call.input(2).shape == indices.shape else {
      throw call.error("updates are \(try call.input(2).shape), indices \(indices.shape)")
    }
    return [try scattered(call, data, to: positions, as: data.dtype.carrier)]
  }

  @Sendable private static func scatterND(_ call: ReferenceCall) throws -> [Tensor?] {
    let data = try call.input(0)
    let indices = try call.input(1)
    let (starts, slice) = try slicePositions(call, data: data.shape, indices: indices, batch: 0)
    guard try call.input(2).shape.dimensions == indices.shape.dimensions.dropLast() + slice else {
      throw call.error("updates are \(try call.input(2).shape), indices \(indices.shape)")
    }
    let length = slice.reduce(1, *)
    return [
      try scattered(call, data, to: starts.flatMap { $0..<$0 + length }, as: data.dtype.carrier)
    ]
  }

  /// `data` with the updates (input 2) combined into the given positions, one after the other.
  private static func scattered<Number: ReferenceNumber>(
    _ call: ReferenceCall,
    _ data: Tensor,
    to positions: [Int],
    as: Number.Type
  ) throws -> Tensor {
    let updates = try call.input(2)
    try call.requireSameDType([data, updates])
    let combine: (Number, Number) -> Number
    switch try call.node.string("reduction", default: "none") {
    case "none": combine = { $1 }
    case "add": combine = { $0.adding($1) }
    case "mul": combine = { $0.multiplied(by: $1) }
    case "min": combine = { $0.isNotANumber || $0 < $1 ? $0 : $1 }
    case "max": combine = { $0.isNotANumber || $0 > $1 ? $0 : $1 }
    case let other: throw call.error("reduction is \(other), expected none, add, mul, min or max")
    }
    var result = Number.load(data)
    for (position, update) in zip(positions, Number.load(updates)) {
      result[position] = combine(result[position], update)
    }
    return Number.store(result, as: data.dtype, data.shape)
  }

  @Sendable private static func nonZero(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let isSet = x.doubles.map { $0 != 0 }
    var columns: [[Int]] = []
    var position = 0
    x.shape.forEachIndex { index in
      if isSet[position] { columns.append(index) }
      position += 1
    }
    let rows = (0..<x.shape.rank).flatMap { axis in columns.map { Int64($0[axis]) } }
    return [Tensor(rows, [x.shape.rank, columns.count])]
  }

  @Sendable private static func compress(_ call: ReferenceCall) throws -> [Tensor?] {
    let hasAxis = call.node.attributes["axis"] != nil
    let input = try call.input(0)
    let data = hasAxis ? input : input.reshaped(to: [input.shape.elementCount])
    let axis = hasAxis ? try axis(call, rank: data.shape.rank) : 0
    let kept = try call.input(1).bools.enumerated().filter(\.element).map(\.offset)
    let rows = try places(call, kept, size: data.shape[axis])
    var sizes = data.shape.dimensions
    sizes[axis] = rows.count
    return [
      data.gathering(Shape(sizes)) { index in
        var source = index
        source[axis] = rows[index[axis]]
        return source
      }
    ]
  }

  private static func unique<Number: ReferenceNumber>(
    _ call: ReferenceCall,
    as: Number.Type
  ) throws -> [Tensor?] {
    let hasAxis = call.node.attributes["axis"] != nil
    let input = try call.input(0)
    let data = hasAxis ? input : input.reshaped(to: [input.shape.elementCount])
    let axis = hasAxis ? try axis(call, rank: data.shape.rank) : 0
    let layout = AxisLayout(data.shape, axis: axis)
    let values = Number.load(data)
    let slices = (0..<layout.length).map { row in
      (0..<layout.outer * layout.inner).map { place in
        let outer = place / max(layout.inner, 1)
        return values[(outer * layout.length + row) * layout.inner + place % layout.inner]
      }
    }
    var numbers: [[Number]: Int] = [:]
    var first: [Int] = []
    var inverse: [Int] = []
    for (row, slice) in slices.enumerated() {
      let number = numbers[slice] ?? first.count
      if number == first.count {
        numbers[slice] = number
        first.append(row)
      }
      inverse.append(number)
    }
    if try call.node.flag("sorted", default: true) {
      let order = first.indices.sorted {
        slices[first[$0]].lexicographicallyPrecedes(slices[first[$1]])
      }
      var rank = order
      for (position, number) in order.enumerated() { rank[number] = position }
      first = order.map { first[$0] }
      inverse = inverse.map { rank[$0] }
    }
    var counts = [Int64](repeating: 0, count: first.count)
    for number in inverse { counts[number] += 1 }
    var sizes = data.shape.dimensions
    sizes[axis] = first.count
    let y = data.gathering(Shape(sizes)) { index in
      var source = index
      source[axis] = first[index[axis]]
      return source
    }
    return [
      y, Tensor(vector: first.map { Int64($0) }), Tensor(vector: inverse.map { Int64($0) }),
      Tensor(vector: counts),
    ]
  }
}
