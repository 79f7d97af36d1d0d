import Glibc
import GraphIR
import Tensors

extension ReferenceOperators {
  static let elementwiseUnary: [OperatorName: ReferenceFunction] = [
    "Identity": { call in [try call.input(0)] },
    "Abs": numeric({ abs($0) }, .magnitude),
    "Neg": numeric({ -$0 }, .negation),
    "Sign": numeric({ $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }, .sign),
    "Relu": numeric({ $0 < 0 ? 0 : $0 }, .positivePart),
    "BitwiseNot": numeric(nil, .complement),
    "Not": { call in
      let x = try call.input(0)
      return [Tensor(x.bools.map { !$0 }, x.shape)]
    },
    "IsNaN": { call in
      let x = try call.input(0)
      return [Tensor(x.doubles.map(\.isNaN), x.shape)]
    },
    "IsInf": { call in
      let x = try call.input(0)
      let positive = try call.node.flag("detect_positive", default: true)
      let negative = try call.node.flag("detect_negative", default: true)
      let found = x.doubles.map { $0.isInfinite && ($0 < 0 ? negative : positive) }
      return [Tensor(found, x.shape)]
    },
    "Clip": { call in
      let x = try call.input(0)
      return [try clip(call, x, as: x.dtype.carrier)]
    },
  ]

  static let elementaryFunctions: [OperatorName: ReferenceFunction] = [
    "Ceil": real { $0.rounded(.up) },
    "Floor": real { $0.rounded(.down) },
    "Round": real { $0.rounded(.toNearestOrEven) },
    "Reciprocal": real { 1 / $0 },
    "Sqrt": real { $0.squareRoot() },
    "Exp": real { exp($0) },
    "Log": real { log($0) },
    "Sin": real { sin($0) },
    "Cos": real { cos($0) },
    "Tan": real { tan($0) },
    "Asin": real { asin($0) },
    "Acos": real { acos($0) },
    "Atan": real { atan($0) },
    "Sinh": real { sinh($0) },
    "Cosh": real { cosh($0) },
    "Asinh": real { asinh($0) },
    "Acosh": real { acosh($0) },
    "Atanh": real { atanh($0) },
    "Tanh": real { tanh($0) },
    "Erf": real { erf($0) },
  ]

  /// An operator on floating-point elements only.
  static func real(_ function: @escaping @Sendable (Double) -> Double) -> ReferenceFunction {
    { call in [try call.mapped(function)] }
  }

  /// An operator on numbers: `function` for floating point, `operation` for integers.
  private static func numeric(
    _ function: (@Sendable (Double) -> Double)?,
    _ operation: IntegerOperation
  ) -> ReferenceFunction {
    { call in
      let x = try call.input(0)
      if let carrier = x.dtype.integerCarrier { return [operation.applied(to: x, as: carrier)] }
      guard let function, x.dtype.isFloatingPoint else {
        throw call.error("input 0 holds \(x.dtype), for which the operator is not defined")
      }
      return [try call.mapped(function)]
    }
  }

  /// ONNX: min(max(x, lower), upper), so that upper wins where the bounds cross.
  private static func clip<Number: ReferenceNumber>(
    _ call: ReferenceCall,
    _ x: Tensor,
    as carrier: Number.Type
  ) throws -> Tensor {
    func bound(_ index: Int) throws -> Number? {
      guard let tensor = call.optionalInput(index) else { return nil }
      try call.requireSameDType([x, tensor])
      guard tensor.shape.elementCount == 1 else {
        throw call.error("input \(index) has shape \(tensor.shape); it must be a scalar")
      }
      return Number.load(tensor)[0]
    }
    let (lower, upper) = (try bound(1), try bound(2))
    let clipped = Number.load(x).map { element in
      var result = element
      if let lower, result < lower { result = lower }
      if let upper, result > upper { result = upper }
      return result
    }
    return Number.store(clipped, as: x.dtype, x.shape)
  }
}

/// What a sign-like operator does to integers, wrapping where the result does not fit.
private enum IntegerOperation {
  case magnitude, negation, sign, positivePart, complement

  func applied<Integer: ReferenceNumber & FixedWidthInteger>(
    to tensor: Tensor,
    as carrier: Integer.Type
  ) -> Tensor {
    let result = Integer.load(tensor).map { x -> Integer in
      switch self {
      case .magnitude: x < 0 ? 0 &- x : x
      case .negation: 0 &- x
      case .sign: x.signum()
      case .positivePart: max(x, 0)
      case .complement: ~x
      }
    }
    return Integer.store(result, as: tensor.dtype, tensor.shape)
  }
}

extension ReferenceCall {
  /// Input 0 with `function` applied to every element, in its own floating-point type.
  func mapped(_ function: (Double) -> Double) throws -> Tensor {
    let x = try input(0)
    guard x.dtype.isFloatingPoint else {
      throw error("input 0 holds \(x.dtype); it must hold floating-point numbers")
    }
    return Double.store(x.doubles.map(function), as: x.dtype, x.shape)
  }
}
