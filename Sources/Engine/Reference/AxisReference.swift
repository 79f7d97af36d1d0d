import Glibc
import GraphIR
import Tensors

extension ReferenceOperators {
  static let axisOperators: [OperatorName: ReferenceFunction] = [
    "CumSum": { call in [try cumulative(call, as: try call.input(0).dtype.carrier, .sum)] },
    "CumProd": { call in [try cumulative(call, as: try call.input(0).dtype.carrier, .product)] },
    "Softmax": lines { line in
      let total = Reduction.logarithmOfSumOfExponentials(line)
      return line.map { exp($0 - total) }
    },
    "LogSoftmax": lines { line in
      let total = Reduction.logarithmOfSumOfExponentials(line)
      return line.map { $0 - total }
    },
    "Hardmax": lines { line in
      var best = 0
      for index in line.indices where line[index] > line[best] { best = index }
      return line.indices.map { $0 == best ? 1 : 0 }
    },
    "TopK": { call in try topK(call, as: try call.input(0).dtype.carrier) },
  ]

  /// Replaces every line along attribute `axis`.
  private static func lines(
    _ function: @escaping @Sendable ([Double]) -> [Double]
  ) -> ReferenceFunction {
    { call in
      let x = try call.input(0)
      let axis = try call.node.normalizedAxis(
        try call.node.int("axis", default: -1),
        rank: x.shape.rank
      )
      let layout = AxisLayout(x.shape, axis: axis)
      var elements = x.doubles
      for start in layout.lineStarts {
        let positions = (0..<layout.length).map { start + $0 * layout.inner }
        for (position, value) in zip(positions, function(positions.map { elements[$0] })) {
          elements[position] = value
        }
      }
      return [Double.store(elements, as: x.dtype, x.shape)]
    }
  }

  private enum Cumulation { case sum, product }

  private static func cumulative<Number: ReferenceNumber>(
    _ call: ReferenceCall,
    as carrier: Number.Type,
    _ kind: Cumulation
  ) throws -> Tensor {
    let x = try call.input(0)
    let axis = try call.node.normalizedAxis(try call.integer(1), rank: x.shape.rank)
    let exclusive = try call.node.flag("exclusive", default: false)
    let reverse = try call.node.flag("reverse", default: false)
    let layout = AxisLayout(x.shape, axis: axis)
    var elements = Number.load(x)
    for start in layout.lineStarts {
      var running: Number = kind == .sum ? .zero : .one
      for step in 0..<layout.length {
        let index = reverse ? layout.length - 1 - step : step
        let position = start + index * layout.inner
        let before = running
        let element = elements[position]
        running = kind == .sum ? running.adding(element) : running.multiplied(by: element)
        elements[position] = exclusive ? before : running
      }
    }
    return Number.store(elements, as: x.dtype, x.shape)
  }

  /// Of equal elements the one at the lower position comes first; NaN counts as the largest number.
  private static func topK<Number: ReferenceNumber>(
    _ call: ReferenceCall,
    as carrier: Number.Type
  ) throws -> [Tensor?] {
    let x = try call.input(0)
    let axis = try call.node.normalizedAxis(
      try call.node.int("axis", default: -1),
      rank: x.shape.rank
    )
    let k = try call.integer(1)
    guard (0...x.shape[axis]).contains(k) else {
      throw call.error("k = \(k) elements along axis \(axis) of shape \(x.shape)")
    }
    let largest = try call.node.flag("largest", default: true)
    var sizes = x.shape.dimensions
    sizes[axis] = k
    let shape = try call.shape(sizes)
    let layout = AxisLayout(x.shape, axis: axis)
    let elements = Number.load(x)
    var values = [Number](repeating: .zero, count: shape.elementCount)
    var positions = [Int64](repeating: 0, count: shape.elementCount)
    for (line, start) in layout.lineStarts.enumerated() {
      let keys = (0..<layout.length).map { elements[start + $0 * layout.inner] }
      let order = keys.indices.sorted { a, b in
        if isLess(keys[a], keys[b]) { return !largest }
        if isLess(keys[b], keys[a]) { return largest }
        return a < b
      }
      let target = (line / layout.inner) * k * layout.inner + line % layout.inner
      for (rank, index) in order.prefix(k).enumerated() {
        values[target + rank * layout.inner] = elements[start + index * layout.inner]
        positions[target + rank * layout.inner] = Int64(index)
      }
    }
    return [Number.store(values, as: x.dtype, shape), Tensor(positions, shape)]
  }

  /// A total order with NaN at the end; `<` alone is none, and sorting by it would give any result.
  private static func isLess<Number: ReferenceNumber>(_ a: Number, _ b: Number) -> Bool {
    a.isNotANumber || b.isNotANumber ? !a.isNotANumber && b.isNotANumber : a < b
  }
}
