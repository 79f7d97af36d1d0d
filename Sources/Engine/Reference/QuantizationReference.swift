import GraphIR
import Tensors

extension ReferenceOperators {
  static let quantization: [OperatorName: ReferenceFunction] = [
    "QuantizeLinear": quantizeLinear,
    "DequantizeLinear": dequantizeLinear,
    "DynamicQuantizeLinear": dynamicQuantizeLinear,
    "MatMulInteger": { call in
      let a = try call.input(0)
      let b = try call.input(1)
      let product = try MatrixProduct(call, a.shape, b.shape)
      let left = try shifted(call, a, by: 2, asColumn: true)
      let right = try shifted(call, b, by: 3, asColumn: false)
      return [Double.store(product.multiply(left, right), as: .int32, product.result)]
    },
    "ConvInteger": { call in
      let x = try call.input(0)
      let w = try call.input(1)
      // A zero point by output channel stands before all other axes of the weights.
      let zeroPoints = call.optionalInput(3)?.doubles ?? [0]
      let filter = max(w.shape.elementCount / max(w.shape.dimensions.first ?? 1, 1), 1)
      guard zeroPoints.count == 1 || zeroPoints.count == w.shape.dimensions.first else {
        throw call.error("\(zeroPoints.count) zero points for weights \(w.shape)")
      }
      let weights = w.doubles.enumerated().map { position, value in
        value - zeroPoints[zeroPoints.count == 1 ? 0 : position / filter]
      }
      let data = try shifted(call, x, by: 2, asColumn: false)
      let (sums, shape) = try convolve(call, data, x.shape, weights, w.shape)
      return [Double.store(sums, as: .int32, shape)]
    },
  ]

  /// A tensor minus its zero point, which is one number or one for each row (as a column) or column.
  private static func shifted(
    _ call: ReferenceCall,
    _ tensor: Tensor,
    by index: Int,
    asColumn: Bool
  ) throws -> [Double] {
    guard let zeroPoint = call.optionalInput(index) else { return tensor.doubles }
    let isVector = zeroPoint.shape.rank == 1 && zeroPoint.shape.elementCount != 1
    let single = zeroPoint.shape.elementCount == 1
    var shape = zeroPoint.shape
    if single { shape = [] } else if isVector && asColumn { shape = [shape[0], 1] }
    guard (try? Shape.broadcast(shape, tensor.shape)) == tensor.shape else {
      throw call.error("zero point \(zeroPoint.shape) does not fit \(tensor.shape)")
    }
    let zeros = broadcast(zeroPoint.doubles, shape, to: tensor.shape)
    return zip(tensor.doubles, zeros).map { $0 - $1 }
  }

  /// For every element of `x`, the position of its scale: one for all, one by index along axis, or one by block along axis.
  private static func scalePositions(
    _ call: ReferenceCall,
    _ x: Shape,
    scale: Shape
  ) throws -> [Int] {
    if scale.elementCount == 1, scale.rank <= 1 {
      return [Int](repeating: 0, count: x.elementCount)
    }
    let axis = try call.node.normalizedAxis(call.node.int("axis", default: 1), rank: x.rank)
    let block = try call.node.int("block_size", default: 0)
    var positions: [Int] = []
    positions.reserveCapacity(x.elementCount)
    if scale.rank == 1, block == 0 {
      guard scale[0] == x[axis] else {
        throw call.error("\(scale[0]) scales along axis \(axis) of \(x)")
      }
      x.forEachIndex { positions.append($0[axis]) }
      return positions
    }
    var expected = x.dimensions
    guard block > 0 else { throw call.error("scale is \(scale) for \(x) without block_size") }
    expected[axis] = (expected[axis] - 1) / block + 1
    guard scale.dimensions == expected else {
      throw call.error("scale is \(scale), expected \(expected) for blocks of \(block)")
    }
    let strides = scale.strides
    x.forEachIndex { index in
      var position = 0
      for (dimension, place) in index.enumerated() {
        position += (dimension == axis ? place / block : place) * strides[dimension]
      }
      positions.append(position)
    }
    return positions
  }

  @Sendable private static func quantizeLinear(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let scale = try call.input(1)
    let code = try call.node.int("output_dtype", default: 0)
    let type = call.optionalInput(2)?.dtype ?? DType(onnxCode: code) ?? .uint8
    let positions = try scalePositions(call, x.shape, scale: scale.shape)
    let scales = scale.doubles
    let zeros = try zeroPoints(call, count: scales.count)
    let isDouble = x.dtype == .float64 || scale.dtype == .float64
    let y = zip(x.doubles, positions).map { value, position in
      // ONNX divides in float32, which decides where a quotient is a tie.
      let quotient =
        isDouble ? value / scales[position] : Double(Float(value) / Float(scales[position]))
      return quotient.rounded(.toNearestOrEven) + zeros[position]
    }
    return [Double.store(y, as: type, x.shape)]
  }

  @Sendable private static func dequantizeLinear(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let scale = try call.input(1)
    let positions = try scalePositions(call, x.shape, scale: scale.shape)
    let scales = scale.doubles
    let zeros = try zeroPoints(call, count: scales.count)
    let y = zip(x.doubles, positions).map { ($0 - zeros[$1]) * scales[$1] }
    return [Double.store(y, as: scale.dtype, x.shape)]
  }

  private static func zeroPoints(_ call: ReferenceCall, count: Int) throws -> [Double] {
    let zeros = call.optionalInput(2)?.doubles ?? [Double](repeating: 0, count: count)
    guard zeros.count == count else {
      throw call.error("\(zeros.count) zero points for \(count) scales")
    }
    return zeros
  }

  /// scale = (max(x, 0) - min(x, 0)) / 255, zero point = round(-min / scale), in float32 as ONNX defines it.
  @Sendable private static func dynamicQuantizeLinear(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let values = x.doubles
    let lowest = Float(values.reduce(0, min))
    let highest = Float(values.reduce(0, max))
    let scale = (highest - lowest) / 255
    let zeroPoint = scale == 0 ? 0 : min(max((-lowest / scale).rounded(.toNearestOrEven), 0), 255)
    let y = values.map { value in
      scale == 0 ? 0 : Double((Float(value) / scale).rounded(.toNearestOrEven) + zeroPoint)
    }
    return [
      Double.store(y, as: .uint8, x.shape), Tensor(scalar: scale),
      Double.store([Double(zeroPoint)], as: .uint8, []),
    ]
  }
}
