import GraphIR
import TestSupport
import Tensors
import Testing

@Suite struct NormalisationGradientTests {
  @Test(arguments: batch + others + losses)
  func matchesCentralDifferences(_ gradient: GradientCase) throws {
    let (error, report) = try gradient.largestError()
    #expect(error <= 1e-6, "\(gradient): \(report)")
  }

  private static let fixedMean = GradientCase.Operand.constant(Tensor(vector: [Float(0), 0, 0]))
  private static let fixedVariance = GradientCase.Operand.constant(
    Tensor(vector: [Float(1), 1, 1])
  )

  static let batch: [GradientCase] = [
    GradientCase(
      "BatchNormalization",
      [.random([4, 3]), .random([3]), .random([3]), .random([3]), .random([3], low: 0.5, high: 2)]
    ),
    GradientCase(
      "BatchNormalization",
      [
        .random([2, 3, 2, 2]), .random([3]), .random([3]), .random([3]),
        .random([3], low: 0.5, high: 2),
      ],
      ["epsilon": .float(0.01)]
    ),
    GradientCase(
      "BatchNormalization",
      [.random([5, 3]), .random([3]), .random([3]), fixedMean, fixedVariance],
      ["training_mode": .int(1)]
    ),
    GradientCase(
      "BatchNormalization",
      [.random([2, 3, 2, 2]), .random([3]), .random([3]), fixedMean, fixedVariance],
      ["training_mode": .int(1), "epsilon": .float(0.1)]
    ),
    GradientCase(.martlet("BatchStatistics"), [.random([2, 3, 2])]),
    GradientCase(.martlet("BatchStatistics"), [.random([2, 3, 2])], output: 1),
  ]

  static let others: [GradientCase] = [
    GradientCase("LayerNormalization", [.random([2, 4]), .random([4]), .random([4])]),
    GradientCase("LayerNormalization", [.random([2, 3, 4]), .random([3, 4])], ["axis": .int(1)]),
    GradientCase("RMSNormalization", [.random([2, 3, 4]), .random([4])]),
    GradientCase("InstanceNormalization", [.random([2, 3, 2, 2]), .random([3]), .random([3])]),
    GradientCase(
      "GroupNormalization",
      [.random([2, 4, 2, 2]), .random([4]), .random([4])],
      ["num_groups": .int(2)]
    ),
    GradientCase("MeanVarianceNormalization", [.random([2, 3, 2, 2])]),
    GradientCase("LpNormalization", [.random([2, 4])]),
    GradientCase("LpNormalization", [.random([2, 4])], ["axis": .int(0), "p": .int(1)]),
    GradientCase(
      "LRN",
      [.random([2, 5, 2, 2])],
      ["size": .int(3), "alpha": .float(0.5), "beta": .float(0.6)]
    ),
    GradientCase(
      "LRN",
      [.random([1, 4, 3])],
      ["size": .int(2), "alpha": .float(0.5), "bias": .float(2)]
    ),
  ]

  private static let labels = GradientCase.Operand.constant(Tensor(vector: [Int64(2), 0, 1, 2]))
  private static let weights = GradientCase.Operand.constant(Tensor(vector: [Float(1), 2, 0.5]))
  private static let pixelLabels = GradientCase.Operand.constant(
    Tensor([Int64(0), 2, 1, 1, 0, 2], [2, 3])
  )

  static let losses: [GradientCase] =
    ["SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss"].flatMap { (op: OperatorName) in
      ["none", "sum", "mean"].flatMap { reduction in
        let attributes: [String: Attribute] = ["reduction": .string(reduction)]
        let ignoring = attributes.merging(["ignore_index": .int(0)]) { $1 }
        return [
          GradientCase(op, [.random([4, 3]), labels], attributes),
          GradientCase(op, [.random([4, 3]), labels, weights], ignoring),
          GradientCase(op, [.random([2, 3, 3]), pixelLabels], attributes),
        ]
      }
    } + [
      GradientCase("SoftmaxCrossEntropyLoss", [.random([4, 3]), labels], output: 1),
      GradientCase(
        .martlet("SoftmaxCrossEntropyLossGradient"),
        [.random([], low: 0.5), .random([4, 3], low: -2, high: -0.1), labels, weights],
        ["reduction": .string("mean"), "ignore_index": .int(0)]
      ),
      GradientCase(
        .martlet("SoftmaxCrossEntropyLossGradient"),
        [.random([4]), .random([4, 3], low: -2, high: -0.1), labels],
        ["reduction": .string("none")]
      ),
    ]
}
