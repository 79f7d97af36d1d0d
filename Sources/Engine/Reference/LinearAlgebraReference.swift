import GraphIR
import Tensors

extension ReferenceOperators {
  static let linearAlgebra: [OperatorName: ReferenceFunction] = [
    "Einsum": { call in
      let operands = try call.inputs.indices.map { try call.input($0) }
      try call.requireSameDType(operands)
      let space = try EinsumSpace(call, operands)
      guard let dtype = operands.first?.dtype, dtype != .bool else {
        throw call.error("the operands must be numbers")
      }
      return [space.contracted(operands, as: dtype.carrier)]
    },
    "Det": { call in
      let x = try call.input(0)
      guard x.shape.rank >= 2, x.shape[x.shape.rank - 1] == x.shape[x.shape.rank - 2] else {
        throw call.error("input 0 has shape \(x.shape); it must hold square matrices")
      }
      let side = x.shape[x.shape.rank - 1]
      let shape = Shape(Array(x.shape.dimensions.dropLast(2)))
      let elements = x.doubles
      let determinants = (0..<shape.elementCount).map { index in
        determinant(Array(elements[(index * side * side)..<((index + 1) * side * side)]), side)
      }
      return [Double.store(determinants, as: x.dtype, shape)]
    },
  ]

  /// Gaussian elimination with the largest element of each column as pivot.
  private static func determinant(_ elements: [Double], _ side: Int) -> Double {
    var matrix = elements
    var result = 1.0
    for column in 0..<side {
      var pivot = column
      for row in column..<side
      where abs(matrix[row * side + column]) > abs(matrix[pivot * side + column]) {
        pivot = row
      }
      let head = matrix[pivot * side + column]
      if head == 0 { return 0 }
      if pivot != column {
        for index in 0..<side { matrix.swapAt(pivot * side + index, column * side + index) }
        result = -result
      }
      result *= head
      for row in (column + 1)..<side {
        let factor = matrix[row * side + column] / head
        for index in column..<side {
          matrix[row * side + index] -= factor * matrix[column * side + index]
        }
      }
    }
    return result
  }
}

/// The iteration space of an Einsum: the axes of the result, then those summed over.
private struct EinsumSpace {
  private let result: Shape
  private let summed: Shape
  /// For each operand its strides along the axes of the result and along those summed over.
  private let strides: [(result: [Int], summed: [Int])]

  init(_ call: ReferenceCall, _ operands: [Tensor]) throws {
    let equation = try call.node.einsumEquation()
    var sizes: [EinsumEquation.Axis: Int] = [:]
    var order: [EinsumEquation.Axis] = []
    var ownStrides: [[EinsumEquation.Axis: Int]] = []
    var ellipsisCount = 0
    for (index, operand) in operands.enumerated() {
      guard let axes = equation.axes(ofOperand: index, rank: operand.shape.rank) else {
        throw call.error("input \(index) has shape \(operand.shape), which does not fit its term")
      }
      ellipsisCount = max(
        ellipsisCount,
        operand.shape.rank - equation.operands[index].labels.count
      )
      var own: [EinsumEquation.Axis: Int] = [:]
      for ((axis, size), stride) in zip(zip(axes, operand.shape.dimensions), operand.shape.strides)
      {
        let known = sizes[axis] ?? 1
        guard known == size || known == 1 || size == 1 else {
          throw call.error(
            "input \(index) has shape \(operand.shape); a label is \(known) elsewhere"
          )
        }
        if sizes[axis] == nil { order.append(axis) }
        sizes[axis] = known == 1 ? size : known
        // A label that stands twice walks the diagonal: its strides add up.
        if size != 1 { own[axis, default: 0] += stride }
      }
      ownStrides.append(own)
    }
    let resultAxes = equation.resultAxes(ellipsisCount: ellipsisCount)
    let summedAxes = order.filter { !resultAxes.contains($0) }
    result = try call.shape(resultAxes.map { sizes[$0] ?? 1 })
    summed = try call.shape(summedAxes.map { sizes[$0] ?? 1 })
    strides = ownStrides.map { own in
      (resultAxes.map { own[$0] ?? 0 }, summedAxes.map { own[$0] ?? 0 })
    }
  }

  func contracted<Number: ReferenceNumber>(_ operands: [Tensor], as carrier: Number.Type) -> Tensor
  {
    let elements = operands.map { Number.load($0) }
    let bases = strides.map { result.offsets(strides: $0.result) }
    let members = strides.map { summed.offsets(strides: $0.summed) }
    let sums = (0..<result.elementCount).map { target -> Number in
      (0..<summed.elementCount).reduce(.zero) { sum, member in
        let product = operands.indices.reduce(Number.one) { product, index in
          product.multiplied(by: elements[index][bases[index][target] + members[index][member]])
        }
        return sum.adding(product)
      }
    }
    return Number.store(sums, as: operands[0].dtype, result)
  }
}
