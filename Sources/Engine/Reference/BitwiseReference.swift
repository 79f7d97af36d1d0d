import GraphIR
import Tensors

extension ReferenceOperators {
  /// Logic on bool and bits: a bool is a byte of 0 or 1, so And, Or, Xor are the bitwise operators.
  static let bitwise: [OperatorName: ReferenceFunction] = [
    "And": combined(.and),
    "Or": combined(.or),
    "Xor": combined(.exclusiveOr),
    "BitwiseAnd": combined(.and),
    "BitwiseOr": combined(.or),
    "BitwiseXor": combined(.exclusiveOr),
    "BitShift": { call in
      let direction = try call.node.string("direction", default: "")
      return try combined(direction == "LEFT" ? .shiftLeft : .shiftRight)(call)
    },
  ]

  private static func combined(_ operation: BitOperation) -> ReferenceFunction {
    { call in
      let operands = [try call.input(0), try call.input(1)]
      try call.requireSameDType(operands)
      let dtype = operands[0].dtype
      guard let carrier = dtype == .bool ? UInt8.self : dtype.integerCarrier else {
        throw call.error("the operands hold \(dtype); they must hold integers or bool")
      }
      let shape = try call.broadcastShape(of: operands)
      return [operation.combined(operands[0], operands[1], shape, as: carrier)]
    }
  }
}

private enum BitOperation {
  case and, or, exclusiveOr, shiftLeft, shiftRight

  func combined<Integer: ReferenceNumber & FixedWidthInteger>(
    _ left: Tensor,
    _ right: Tensor,
    _ shape: Shape,
    as carrier: Integer.Type
  ) -> Tensor {
    let a = broadcast(Integer.load(left), left.shape, to: shape)
    let b = broadcast(Integer.load(right), right.shape, to: shape)
    let result = a.indices.map { index -> Integer in
      switch self {
      case .and: a[index] & b[index]
      case .or: a[index] | b[index]
      case .exclusiveOr: a[index] ^ b[index]
      // Swift's smart shifts: bits beyond the width are gone, never a trap.
      case .shiftLeft: a[index] << b[index]
      case .shiftRight: a[index] >> b[index]
      }
    }
    return Integer.store(result, as: left.dtype, shape)
  }
}
