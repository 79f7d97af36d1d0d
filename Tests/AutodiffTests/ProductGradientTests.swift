import Autodiff
import GraphIR
import TestSupport
import Tensors
import Testing

@Suite struct ProductGradientTests {
  @Test(arguments: matMul + gemm + einsum)
  func matchesCentralDifferences(_ gradient: GradientCase) throws {
    let (error, report) = try gradient.largestError()
    #expect(error <= 1e-6, "\(gradient): \(report)")
  }

  static let matMul: [GradientCase] = [
    ([2, 3], [3, 4]), ([3], [3]), ([3], [3, 2]), ([2, 3], [3]), ([2, 2, 3], [3, 4]),
    ([2, 1, 2, 3], [3, 3, 2]), ([2, 2, 3], [2, 3, 1]), ([3], [2, 3, 2]), ([2, 2, 3], [3]),
    ([2, 3], [4, 3, 2]), ([1, 1], [1, 1]),
  ].map { (a: Shape, b: Shape) in GradientCase("MatMul", [.random(a), .random(b)]) }

  static let gemm: [GradientCase] = [(0, 0), (0, 1), (1, 0), (1, 1)].flatMap { a, b in
    let left: Shape = a == 0 ? [2, 3] : [3, 2]
    let right: Shape = b == 0 ? [3, 4] : [4, 3]
    let attributes: [String: Attribute] = ["transA": .int(a), "transB": .int(b)]
    let scaled = attributes.merging(["alpha": .float(0.5), "beta": .float(2)]) { $1 }
    return [
      GradientCase("Gemm", [.random(left), .random(right)], attributes),
      GradientCase("Gemm", [.random(left), .random(right), .random([4])], scaled),
      GradientCase("Gemm", [.random(left), .random(right), .random([2, 1])], scaled),
    ]
  }

  static let einsum: [GradientCase] = [
    einsum("ij,jk->ik", [2, 3], [3, 4]),
    einsum("ij,jk->ki", [2, 3], [3, 4]),
    einsum("bij,bjk->bik", [2, 2, 3], [2, 3, 2]),
    einsum("i,j->ij", [2], [3]),
    einsum("ij,jk->i", [2, 3], [3, 4]),
    einsum("ij,ij->", [2, 3], [2, 3]),
    GradientCase("Einsum", [.random([2, 3])], ["equation": .string("ij->j")]),
    GradientCase(
      "Einsum",
      [.random([2, 3]), .random([3, 2]), .random([2, 2])],
      ["equation": .string("ab,bc,cd->ad")]
    ),
  ]

  private static func einsum(_ equation: String, _ a: Shape, _ b: Shape) -> GradientCase {
    GradientCase("Einsum", [.random(a), .random(b)], ["equation": .string(equation)])
  }

  @Test func einsumWithARepeatedIndexIsRefused() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [2, 2])
    let y = try graph.apply1("Einsum", [x], ["equation": .string("ii->i")])
    #expect(throws: GraphError.self) { try graph.gradients(of: y, withRespectTo: [x]) }
  }
}
