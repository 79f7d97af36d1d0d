import GraphIR
import Tensors
import TestSupport
import Testing

@Suite struct ElementwiseGradientTests {
  @Test(arguments: arithmetic + unary + activations + choices)
  func matchesCentralDifferences(_ gradient: GradientCase) throws {
    let (error, report) = try gradient.largestError()
    #expect(error <= 1e-6, "\(gradient): \(report)")
  }

  static let arithmetic: [GradientCase] =
    ["Add", "Sub", "Mul", "Div", "Max", "Min"].flatMap { (op: OperatorName) in
      [
        GradientCase(op, [.random([2, 3]), .random([2, 3], low: 0.5, high: 2)]),
        GradientCase(op, [.random([2, 3]), .random([3], low: 0.5, high: 2)]),
        GradientCase(op, [.random([1, 3]), .random([2, 1], low: 0.5, high: 2)]),
        GradientCase(op, [.random([]), .random([2, 2], low: 0.5, high: 2)]),
        GradientCase(op, [.random([1]), .random([1], low: 0.5, high: 2)]),
      ]
    } + [
      GradientCase("Sum", [.random([2, 3]), .random([3]), .random([2, 1])]),
      GradientCase("Mean", [.random([2, 3]), .random([3]), .random([2, 1])]),
      GradientCase("Max", [.random([2, 3]), .random([3], low: -2, high: 2), .random([2, 1])]),
      GradientCase("Max", [.random([2, 3])]),
      GradientCase("Pow", [.random([2, 3], low: 0.2, high: 2), .random([3], low: -2, high: 3)]),
      GradientCase("Pow", [.random([4]), .constant(Tensor(scalar: Float(3)))]),
      GradientCase("Pow", [.random([4]), .constant(Tensor(vector: [Int64(0), 1, 2, 3]))]),
      GradientCase("Identity", [.random([2, 2])]),
      GradientCase("Neg", [.random([2, 2])]),
      GradientCase("CastLike", [.random([2, 2]), .constant(Tensor(scalar: Float(0)))]),
    ]

  static let unary: [GradientCase] =
    [
      "Abs", "Exp", "Erf", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh",
      "Atanh", "Reciprocal",
    ].map { (op: OperatorName) in GradientCase(op, [.random([2, 4], low: -0.9, high: 0.9)]) } + [
      GradientCase("Sqrt", [.random([5], low: 0.2, high: 3)]),
      GradientCase("Log", [.random([5], low: 0.2, high: 3)]),
      GradientCase("Acosh", [.random([5], low: 1.2, high: 3)]),
    ]

  static let activations: [GradientCase] =
    [
      "Relu", "LeakyRelu", "Elu", "Selu", "Celu", "Sigmoid", "HardSigmoid", "HardSwish", "Swish",
      "Tanh", "Softplus", "Softsign", "Mish", "Gelu", "ThresholdedRelu", "Shrink",
    ].map { (op: OperatorName) in GradientCase(op, [.random([3, 5], low: -4.03, high: 4.1)]) } + [
      GradientCase("LeakyRelu", [.random([6])], ["alpha": .float(0.3)]),
      GradientCase("Elu", [.random([6])], ["alpha": .float(0.3)]),
      GradientCase("Celu", [.random([6])], ["alpha": .float(2)]),
      GradientCase("Selu", [.random([6])], ["alpha": .float(2), "gamma": .float(3)]),
      GradientCase("Swish", [.random([6])], ["alpha": .float(1.5)]),
      GradientCase(
        "HardSigmoid",
        [.random([6], low: -3)],
        ["alpha": .float(0.3), "beta": .float(0.4)]
      ),
      GradientCase("ThresholdedRelu", [.random([6])], ["alpha": .float(0.4)]),
      GradientCase("Shrink", [.random([6])], ["lambd": .float(0.3), "bias": .float(0.1)]),
      GradientCase("Gelu", [.random([6], low: -3)], ["approximate": .string("tanh")]),
      GradientCase("PRelu", [.random([2, 3, 2]), .random([3, 1])]),
      GradientCase("PRelu", [.random([2, 3]), .random([1])]),
    ]

  static let choices: [GradientCase] = [
    GradientCase(
      "Where",
      [.constant(Tensor(vector: [true, false, true])), .random([2, 3]), .random([2, 1])]
    ),
    GradientCase("Clip", [.random([8]), .values([-0.4], []), .values([0.5], [])]),
    GradientCase("Clip", [.random([8]), .absent, .values([0.2], [])]),
    GradientCase("Clip", [.random([8]), .values([0.2], [])]),
  ]
}
