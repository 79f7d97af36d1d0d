import Glibc
import GraphIR
import Tensors

extension ReferenceOperators {
  static let elementwiseBinary: [OperatorName: ReferenceFunction] = [
    "Add": folded(.add),
    "Sub": folded(.subtract),
    "Mul": folded(.multiply),
    "Div": folded(.divide),
    "Max": folded(.maximum),
    "Min": folded(.minimum),
    "Sum": folded(.add),
    "Mean": folded(.add, divideByCount: true),
    "PRelu": folded(.parametricRelu),
    "Mod": { call in
      let takesSignOfDividend = try call.node.flag("fmod", default: false)
      return try folded(takesSignOfDividend ? .remainder : .modulo)(call)
    },
    "Pow": power,
    "Equal": compared(.equal),
    "Less": compared(.less),
    "LessOrEqual": compared(.lessOrEqual),
    "Greater": compared(.greater),
    "GreaterOrEqual": compared(.greaterOrEqual),
    "Where": { call in
      let (condition, x, y) = (try call.input(0), try call.input(1), try call.input(2))
      try call.requireSameDType([x, y])
      let shape = try call.broadcastShape(of: [condition, x, y])
      let choices = broadcast(condition.bools, condition.shape, to: shape)
      return [select(choices, x, y, shape, as: x.dtype.carrier)]
    },
  ]

  /// All operands combined from the left, after broadcasting.
  private static func folded(
    _ operation: Arithmetic,
    divideByCount: Bool = false
  ) -> ReferenceFunction {
    { call in
      let operands = try call.inputs.indices.map { try call.input($0) }
      try call.requireSameDType(operands)
      guard let dtype = operands.first?.dtype, dtype != .bool else {
        throw call.error("the operands must be numbers")
      }
      let shape = try call.broadcastShape(of: operands)
      let divisor = divideByCount ? operands.count : 1
      // Said apart, the common case is compiled for Double.
      let result =
        dtype.isFloatingPoint
        ? operation.combined(operands, shape, divisor: divisor, as: Double.self)
        : operation.combined(operands, shape, divisor: divisor, as: dtype.carrier)
      return [result]
    }
  }

  private static func compared(_ comparison: Comparison) -> ReferenceFunction {
    { call in
      let operands = [try call.input(0), try call.input(1)]
      try call.requireSameDType(operands)
      let shape = try call.broadcastShape(of: operands)
      return [
        comparison.compared(operands[0], operands[1], shape, as: operands[0].dtype.carrier)
      ]
    }
  }

  private static func select<Number: ReferenceNumber>(
    _ choices: [Bool],
    _ x: Tensor,
    _ y: Tensor,
    _ shape: Shape,
    as carrier: Number.Type
  ) -> Tensor {
    let a = broadcast(Number.load(x), x.shape, to: shape)
    let b = broadcast(Number.load(y), y.shape, to: shape)
    let chosen = choices.indices.map { choices[$0] ? a[$0] : b[$0] }
    return Number.store(chosen, as: x.dtype, shape)
  }
}

/// What combines two numbers into one of the same type.
private enum Arithmetic {
  case add, subtract, multiply, divide, maximum, minimum, remainder, modulo, parametricRelu

  func combined<Number: ReferenceNumber>(
    _ operands: [Tensor],
    _ shape: Shape,
    divisor: Int,
    as carrier: Number.Type
  ) -> Tensor {
    let function: (Number, Number) -> Number = function()
    var result: [Number] = []
    for (position, operand) in operands.enumerated() {
      let next = broadcast(Number.load(operand), operand.shape, to: shape)
      result = position == 0 ? next : result.indices.map { function(result[$0], next[$0]) }
    }
    if divisor > 1 {
      let count = Number(saturating: Double(divisor))
      result = result.map { $0.divided(by: count) }
    }
    return Number.store(result, as: operands[0].dtype, shape)
  }

  private func function<Number: ReferenceNumber>() -> (Number, Number) -> Number {
    switch self {
    case .add: { $0.adding($1) }
    case .subtract: { $0.subtracting($1) }
    case .multiply: { $0.multiplied(by: $1) }
    case .divide: { $0.divided(by: $1) }
    case .maximum: { $0.isNotANumber || $0 > $1 ? $0 : $1 }
    case .minimum: { $0.isNotANumber || $0 < $1 ? $0 : $1 }
    case .remainder: { $0.remainder(dividingBy: $1) }
    case .modulo: { $0.modulo($1) }
    case .parametricRelu: { $0 < .zero ? $0.multiplied(by: $1) : $0 }
    }
  }
}

private enum Comparison {
  case equal, less, lessOrEqual, greater, greaterOrEqual

  func compared<Number: ReferenceNumber>(
    _ left: Tensor,
    _ right: Tensor,
    _ shape: Shape,
    as carrier: Number.Type
  ) -> Tensor {
    let a = broadcast(Number.load(left), left.shape, to: shape)
    let b = broadcast(Number.load(right), right.shape, to: shape)
    return Tensor(a.indices.map { holds(a[$0], b[$0]) }, shape)
  }

  private func holds<Number: ReferenceNumber>(_ a: Number, _ b: Number) -> Bool {
    switch self {
    case .equal: a == b
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    }
  }
}
