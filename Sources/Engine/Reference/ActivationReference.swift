import Glibc
import GraphIR
import Tensors

extension ReferenceOperators {
  static let activations: [OperatorName: ReferenceFunction] = [
    "Sigmoid": real { sigmoid($0) },
    "Softplus": real { softplus($0) },
    "Softsign": real { $0 / (1 + abs($0)) },
    "Mish": real { $0 * tanh(softplus($0)) },
    "HardSwish": real { $0 * clamped($0 / 6 + 0.5) },
    "LeakyRelu": parametrized(("alpha", 0.01)) { x, alpha, _ in x < 0 ? alpha * x : x },
    "Elu": parametrized(("alpha", 1)) { x, alpha, _ in x < 0 ? alpha * expm1(x) : x },
    "Selu": parametrized(("alpha", 1.673_263_2), ("gamma", 1.050_701)) { x, alpha, gamma in
      gamma * (x > 0 ? x : alpha * expm1(x))
    },
    "Celu": parametrized(("alpha", 1)) { x, alpha, _ in x < 0 ? alpha * expm1(x / alpha) : x },
    "Swish": parametrized(("alpha", 1)) { x, alpha, _ in x * sigmoid(alpha * x) },
    "HardSigmoid": parametrized(("alpha", 0.2), ("beta", 0.5)) { x, alpha, beta in
      clamped(alpha * x + beta)
    },
    "ThresholdedRelu": parametrized(("alpha", 1)) { x, alpha, _ in x > alpha ? x : 0 },
    "Gelu": { call in
      let tangent = try call.node.string("approximate", default: "none") == "tanh"
      return [try call.mapped(tangent ? { geluTangent($0) } : { gelu($0) })]
    },
    "Shrink": { call in
      let x = try call.input(0)
      let bias = Double(try call.node.float("bias", default: 0))
      let threshold = Double(try call.node.float("lambd", default: 0.5))
      let shrunk = x.doubles.map { $0 < -threshold ? $0 + bias : $0 > threshold ? $0 - bias : 0 }
      return [Double.store(shrunk, as: x.dtype, x.shape)]
    },
  ]

  /// An activation with up to two float attributes, given by name and default.
  private static func parametrized(
    _ first: (name: String, value: Float),
    _ second: (name: String, value: Float)? = nil,
    _ function: @escaping @Sendable (Double, Double, Double) -> Double
  ) -> ReferenceFunction {
    { call in
      let a = Double(try call.node.float(first.name, default: first.value))
      let b = Double(try second.map { try call.node.float($0.name, default: $0.value) } ?? 0)
      return [try call.mapped { function($0, a, b) }]
    }
  }

  static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// log(1 + exp(x)) without overflow.
  private static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

  private static func clamped(_ x: Double) -> Double { x < 0 ? 0 : x > 1 ? 1 : x }

  /// x times the normal distribution; `erfc` keeps the tail that 1 + erf would cancel.
  private static func gelu(_ x: Double) -> Double { 0.5 * x * erfc(-x * 0.5.squareRoot()) }

  private static func geluTangent(_ x: Double) -> Double {
    0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
  }
}
