import Glibc
import GraphIR
import Tensors

extension ReferenceOperators {
  static let generators: [OperatorName: ReferenceFunction] = [
    "Constant": { call in [try call.node.constantTensor()] },
    "ConstantOfShape": { call in
      let fill = try call.node.fillValue()
      let shape = try call.shape(try call.integers(0))
      return [fill.gathering([Int](repeating: 0, count: shape.elementCount), shape)]
    },
    "Range": { call in
      let (start, limit, delta) = (try call.input(0), try call.input(1), try call.input(2))
      try call.requireSameDType([start, limit, delta])
      let length = try call.node.rangeLength(start: start, limit: limit, delta: delta)
      return [range(start, delta, try call.shape([length]), as: start.dtype.carrier)]
    },
    "EyeLike": { call in
      let x = try call.input(0)
      guard x.shape.rank == 2 else {
        throw call.error("input 0 has shape \(x.shape), not a matrix")
      }
      let diagonal = try call.node.int("k", default: 0)
      let dtype = try call.node.optionalDType("dtype") ?? x.dtype
      let elements = (0..<x.shape.elementCount).map { index -> Double in
        let (row, column) = index.quotientAndRemainder(dividingBy: x.shape[1])
        return column - row == diagonal ? 1 : 0
      }
      return [Double.store(elements, as: dtype, x.shape)]
    },
    "OneHot": oneHot,
    "Trilu": { call in
      let x = try call.input(0)
      guard x.shape.rank >= 2 else {
        throw call.error("input 0 has shape \(x.shape); it must have at least 2 dimensions")
      }
      let diagonal = call.optionalInput(1) == nil ? 0 : try call.integer(1)
      let upper = try call.node.flag("upper", default: true)
      let (rows, columns) = (x.shape[x.shape.rank - 2], x.shape[x.shape.rank - 1])
      let kept = (0..<x.shape.elementCount).map { index -> Int in
        let distance = index % columns - index / columns % rows
        return (upper ? distance >= diagonal : distance <= diagonal) ? index : -1
      }
      return [x.gathering(kept, x.shape)]
    },
    "HannWindow": window { 0.5 - 0.5 * cos($0) },
    "HammingWindow": window { 25.0 / 46 - 21.0 / 46 * cos($0) },
    "BlackmanWindow": window { 0.42 - 0.5 * cos($0) + 0.08 * cos(2 * $0) },
  ]

  private static func range<Number: ReferenceNumber>(
    _ start: Tensor,
    _ delta: Tensor,
    _ shape: Shape,
    as carrier: Number.Type
  ) -> Tensor {
    let (first, step) = (Number.load(start)[0], Number.load(delta)[0])
    let elements = (0..<shape.elementCount).map {
      first.adding(Number(saturating: Double($0)).multiplied(by: step))
    }
    return Number.store(elements, as: start.dtype, shape)
  }

  private static let oneHot: ReferenceFunction = { call in
    let (indices, values) = (try call.input(0), try call.input(2))
    let depth = try call.node.oneHotDepth(try call.input(1))
    guard values.shape == [2] else {
      throw call.error("input 2 has shape \(values.shape); it must hold [off, on]")
    }
    var sizes = indices.shape.dimensions
    let axis = try call.node.normalizedAxis(
      try call.node.int("axis", default: -1),
      rank: sizes.count + 1
    )
    sizes.insert(depth, at: axis)
    let shape = try call.shape(sizes)
    let layout = AxisLayout(shape, axis: axis)
    var choices = [Int](repeating: 0, count: shape.elementCount)
    // A line of the result belongs to one index; indices from -depth to -1 count from the end, others out of range are off.
    for (start, index) in zip(layout.lineStarts, indices.doubles) {
      let position = index < 0 ? index + Double(depth) : index
      if position >= 0, position < Double(depth) {
        choices[start + Int(position) * layout.inner] = 1
      }
    }
    return [values.gathering(choices, shape)]
  }

  /// Element n is `function(2 pi n / N)`; a window of one element is 1 where N is 0.
  private static func window(_ function: @escaping @Sendable (Double) -> Double)
    -> ReferenceFunction
  {
    { call in
      let size = try call.integer(0)
      let shape = try call.shape([size])
      let dtype = try call.node.optionalDType("output_datatype") ?? .float32
      let period = try call.node.flag("periodic", default: true) ? size : size - 1
      let elements = (0..<size).map {
        period == 0 ? 1 : function(2 * Double.pi * Double($0) / Double(period))
      }
      return [Double.store(elements, as: dtype, shape)]
    }
  }
}
