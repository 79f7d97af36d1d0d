import GraphIR
import TestSupport
import Tensors
import Testing

@Suite struct ReductionGradientTests {
  @Test(arguments: reductions + products + axisOperators)
  func matchesCentralDifferences(_ gradient: GradientCase) throws {
    let (error, report) = try gradient.largestError()
    #expect(error <= 1e-6, "\(gradient): \(report)")
  }

  static let reductions: [GradientCase] = [
    "ReduceSum", "ReduceMean", "ReduceSumSquare", "ReduceL1", "ReduceL2", "ReduceLogSum",
    "ReduceLogSumExp", "ReduceMax", "ReduceMin", "ReduceProd",
  ].flatMap { (op: OperatorName) in
    let x = GradientCase.Operand.random([2, 3, 2], low: 0.2, high: 2)
    return [
      GradientCase(op, [x], ["keepdims": .int(0)]),
      GradientCase(op, [x]),
      GradientCase(op, [x, axes(1)]),
      GradientCase(op, [x, axes(0, -1)], ["keepdims": .int(0)]),
      GradientCase(op, [.random([3, 1], low: 0.2), axes(1)], ["keepdims": .int(0)]),
    ]
  }

  static let products: [GradientCase] = [
    GradientCase("ReduceProd", [.values([2, 0, 3, 4], [4])], note: "one zero"),
    GradientCase(
      "ReduceProd",
      [.values([2, 0, 0, 4, 1, 2, 3, 4], [2, 4]), axes(1)],
      note: "two zeros"
    ),
    GradientCase(
      "ReduceL2",
      [.values([0, 0, 3, 4], [2, 2]), axes(0)],
      note: "a zero in a column"
    ),
  ]

  static let axisOperators: [GradientCase] = [
    GradientCase("Softmax", [.random([2, 4], low: -2, high: 2)]),
    GradientCase("Softmax", [.random([2, 4, 3])], ["axis": .int(1)]),
    GradientCase("LogSoftmax", [.random([2, 4], low: -2, high: 2)]),
    GradientCase("LogSoftmax", [.random([2, 4, 3])], ["axis": .int(1)]),
    GradientCase("CumSum", [.random([2, 4]), .constant(Tensor(scalar: Int64(1)))]),
    GradientCase(
      "CumSum",
      [.random([2, 4]), .constant(Tensor(scalar: Int64(0)))],
      ["exclusive": .int(1), "reverse": .int(1)]
    ),
    GradientCase(
      "CumSum",
      [.random([4]), .constant(Tensor(scalar: Int64(-1)))],
      ["exclusive": .int(1)]
    ),
    GradientCase(
      "TopK",
      [.random([2, 5]), .constant(Tensor(vector: [Int64(2)]))],
      ["axis": .int(1)]
    ),
  ]

  private static func axes(_ numbers: Int64...) -> GradientCase.Operand {
    .constant(Tensor(vector: numbers))
  }
}
