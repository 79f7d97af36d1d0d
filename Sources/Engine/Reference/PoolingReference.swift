import Glibc
import GraphIR
import Tensors

extension ReferenceOperators {
  static let pooling: [OperatorName: ReferenceFunction] = [
    "MaxPool": maxPool,
    "AveragePool": averagePool,
    "LpPool": lpPool,
    "GlobalAveragePool": { call in
      try globalPool(call) { $0.isEmpty ? .nan : $0.reduce(0, +) / Double($0.count) }
    },
    "GlobalMaxPool": { call in try globalPool(call) { $0.max() ?? -.infinity } },
    "GlobalLpPool": { call in
      let p = Double(try call.node.int("p", default: 2))
      return try globalPool(call) { norm($0, p) }
    },
    "MaxUnpool": maxUnpool,
    .martlet("MaxPoolGradient"): maxPoolGradient,
    .martlet("AveragePoolGradient"): averagePoolGradient,
  ]

  @Sendable private static func maxPool(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let windows = try poolingWindows(call, x.shape)
    let shape = try call.shape(x.shape.dimensions[..<2] + windows.outputSizes)
    let values = x.doubles
    let columnMajor = try call.node.flag("storage_order", default: false)
    var y = [Double](repeating: -.infinity, count: shape.elementCount)
    var indices = [Int64](repeating: 0, count: shape.elementCount)
    for output in 0..<windows.outputCount {
      let cells = windows.taps(at: output).cells
      for plane in 0..<x.shape[0] * x.shape[1] {
        guard let best = firstMaximum(cells, values, plane * windows.inputCount) else { continue }
        let position = plane * windows.outputCount + output
        y[position] = values[plane * windows.inputCount + best]
        let cell = columnMajor ? columnMajorPosition(best, windows.inputSizes) : best
        indices[position] = Int64(plane * windows.inputCount + cell)
      }
    }
    return [Double.store(y, as: x.dtype, shape), Tensor(indices, shape)]
  }

  /// The input cell of the largest value, the first of equal ones; NaN wins over everything.
  private static func firstMaximum(
    _ cells: [WindowTap],
    _ values: [Double],
    _ offset: Int
  ) -> Int? {
    var best: Int?
    for cell in cells {
      guard let current = best.map({ values[offset + $0] }) else {
        best = cell.input
        continue
      }
      let value = values[offset + cell.input]
      if value > current || value.isNaN && !current.isNaN { best = cell.input }
    }
    return best
  }

  /// The same cell counted with the first spatial axis fastest.
  private static func columnMajorPosition(_ cell: Int, _ sizes: [Int]) -> Int {
    var rest = cell
    var result = 0
    for size in sizes.reversed() {
      result = result * size + rest % size
      rest /= size
    }
    return result
  }

  @Sendable private static func averagePool(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let countsPadding = try call.node.flag("count_include_pad", default: false)
    return try pool(call, x) { values, paddedCount in
      values.reduce(0, +) / Double(countsPadding ? paddedCount : values.count)
    }
  }

  @Sendable private static func lpPool(_ call: ReferenceCall) throws -> [Tensor?] {
    let p = Double(try call.node.int("p", default: 2))
    return try pool(call, try call.input(0)) { values, _ in norm(values, p) }
  }

  private static func norm(_ values: some Sequence<Double>, _ p: Double) -> Double {
    if p == 1 { return values.reduce(0) { $0 + abs($1) } }
    if p == 2 { return values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    return pow(values.reduce(0) { $0 + pow(abs($1), p) }, 1 / p)
  }

  private static func pool(
    _ call: ReferenceCall,
    _ x: Tensor,
    _ reduce: (_ values: [Double], _ paddedCount: Int) -> Double
  ) throws -> [Tensor?] {
    let windows = try poolingWindows(call, x.shape)
    let shape = try call.shape(x.shape.dimensions[..<2] + windows.outputSizes)
    let values = x.doubles
    var y = [Double](repeating: 0, count: shape.elementCount)
    for output in 0..<windows.outputCount {
      let (cells, paddedCount) = windows.taps(at: output)
      for plane in 0..<x.shape[0] * x.shape[1] {
        let inside = cells.map { values[plane * windows.inputCount + $0.input] }
        y[plane * windows.outputCount + output] = reduce(inside, paddedCount)
      }
    }
    return [Double.store(y, as: x.dtype, shape)]
  }

  private static func globalPool(
    _ call: ReferenceCall,
    _ reduce: (ArraySlice<Double>) -> Double
  ) throws -> [Tensor?] {
    let x = try call.input(0)
    guard x.shape.rank >= 2 else { throw call.error("X is \(x.shape), expected [N, C, ...]") }
    let planes = x.shape[0] * x.shape[1]
    let spatial = x.shape.dimensions[2...].reduce(1, *)
    let values = x.doubles
    let y = (0..<planes).map { reduce(values[$0 * spatial..<($0 + 1) * spatial]) }
    let ones = [Int](repeating: 1, count: x.shape.rank - 2)
    return [Double.store(y, as: x.dtype, Shape(x.shape.dimensions[..<2] + ones))]
  }

  @Sendable private static func maxUnpool(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let indices = try call.integers(1)
    guard indices.count == x.shape.elementCount, (3...5).contains(x.shape.rank) else {
      throw call.error("X is \(x.shape), with \(indices.count) indices")
    }
    guard let kernel = try call.node.ints("kernel_shape") else {
      throw call.error("kernel_shape is missing")
    }
    let windows = try WindowAttributes(call.node, kernel: kernel)
      .transposedWindows(over: Array(x.shape.dimensions[2...]), of: call.node)
    let inferred = try call.shape(x.shape.dimensions[..<2] + windows.inputSizes)
    let shape = try call.optionalIntegers(2).map { try call.shape($0) } ?? inferred
    guard shape.rank == inferred.rank else {
      throw call.error("output_shape is \(shape), X is \(x.shape)")
    }
    // The indices count in the inferred shape; where another one is asked for, every cell keeps its coordinates.
    let (own, strides) = (inferred.strides, shape.strides)
    var positions = [Int](repeating: -1, count: shape.elementCount)
    for (source, index) in indices.enumerated() {
      guard (0..<inferred.elementCount).contains(index) else {
        throw call.error("index \(index) is outside of \(inferred)")
      }
      var target = 0
      for axis in own.indices {
        let place = index / own[axis] % inferred[axis]
        guard place < shape[axis] else {
          throw call.error("index \(index) of \(inferred) is outside of \(shape)")
        }
        target += place * strides[axis]
      }
      positions[target] = source
    }
    return [x.gathering(positions, shape)]
  }

  @Sendable private static func maxPoolGradient(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let dy = try call.input(1)
    let windows = try poolingWindows(call, x.shape)
    guard dy.shape.dimensions == x.shape.dimensions[..<2] + windows.outputSizes else {
      throw call.error("dY is \(dy.shape), MaxPool of \(x.shape) has \(windows.outputSizes) cells")
    }
    let (values, gradient) = (x.doubles, dy.doubles)
    var dx = [Double](repeating: 0, count: values.count)
    for output in 0..<windows.outputCount {
      let cells = windows.taps(at: output).cells
      for plane in 0..<x.shape[0] * x.shape[1] {
        let offset = plane * windows.inputCount
        guard let best = firstMaximum(cells, values, offset) else { continue }
        dx[offset + best] += gradient[plane * windows.outputCount + output]
      }
    }
    return [Double.store(dx, as: x.dtype, x.shape)]
  }

  @Sendable private static func averagePoolGradient(_ call: ReferenceCall) throws -> [Tensor?] {
    let dy = try call.input(0)
    let shape = try call.shape(call.integers(1))
    let windows = try poolingWindows(call, shape)
    guard dy.shape.dimensions == shape.dimensions[..<2] + windows.outputSizes else {
      throw call.error(
        "dY is \(dy.shape), AveragePool of \(shape) has \(windows.outputSizes) cells"
      )
    }
    let countsPadding = try call.node.flag("count_include_pad", default: false)
    let gradient = dy.doubles
    var dx = [Double](repeating: 0, count: shape.elementCount)
    for output in 0..<windows.outputCount {
      let (cells, paddedCount) = windows.taps(at: output)
      let divisor = Double(countsPadding ? paddedCount : cells.count)
      for plane in 0..<shape[0] * shape[1] {
        let share = gradient[plane * windows.outputCount + output] / divisor
        for cell in cells { dx[plane * windows.inputCount + cell.input] += share }
      }
    }
    return [Double.store(dx, as: dy.dtype, shape)]
  }

  private static func poolingWindows(
    _ call: ReferenceCall,
    _ shape: Shape
  ) throws -> WindowGeometry {
    guard (3...5).contains(shape.rank) else {
      throw call.error("X is \(shape), expected [N, C] and 1 to 3 spatial dimensions")
    }
    guard let kernel = try call.node.ints("kernel_shape") else {
      throw call.error("kernel_shape is missing")
    }
    return try WindowAttributes(call.node, kernel: kernel)
      .windows(over: Array(shape.dimensions[2...]), of: call.node)
  }
}
