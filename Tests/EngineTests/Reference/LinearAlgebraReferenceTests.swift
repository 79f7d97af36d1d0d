import GraphIR
import Tensors
import Testing

@testable import Engine

@Suite struct LinearAlgebraReferenceTests {
  private let a = Tensor((1...6).map(Double.init), [2, 3])

  private func einsum(_ equation: String, _ operands: Tensor...) throws -> Tensor {
    try evaluated("Einsum", operands, ["equation": .string(equation)])[0]
  }

  @Test func matrixProduct() throws {
    let b = Tensor([1, 0, 0, 1, 1, 1] as [Double], [3, 2])
    #expect(try einsum("ij,jk", a, b) == Tensor([4, 5, 10, 11] as [Double], [2, 2]))
  }

  @Test func diagonalTraceAndTranspose() throws {
    let square = Tensor([1, 2, 3, 4] as [Int64], [2, 2])
    #expect(try einsum("ii->i", square) == integers(1, 4))
    #expect(try einsum("ii", square) == Tensor(scalar: Int64(5)))
    #expect(try einsum("ij->ji", a) == Tensor([1, 4, 2, 5, 3, 6] as [Double], [3, 2]))
  }

  @Test func ellipsisBroadcasts() throws {
    #expect(try einsum("...j,j->...", a, doubles(1, 10, 100)) == doubles(321, 654))
    #expect(try einsum("...->", a) == Tensor(scalar: 21.0))
    let ones = Tensor([2] as [Double], [1])
    #expect(try einsum("...,...", a, ones) == Tensor([2, 4, 6, 8, 10, 12] as [Double], [2, 3]))
  }

  @Test func threeOperandsAndOuterProduct() throws {
    #expect(
      try einsum("i,i,i->", doubles(1, 2), doubles(3, 4), doubles(5, 6)) == Tensor(scalar: 63.0)
    )
    #expect(
      try einsum("i,j", doubles(1, 2), doubles(3, 4)) == Tensor([3, 4, 6, 8] as [Double], [2, 2])
    )
  }

  @Test func emptyAxisSumsToZero() throws {
    #expect(try einsum("ij->i", Tensor(zeros: .float64, [2, 0])) == doubles(0, 0))
  }

  @Test func sizesThatDisagreeAreErrors() {
    #expect(throws: GraphError.self) { try einsum("i,i->i", doubles(1, 2), doubles(1, 2, 3)) }
    #expect(throws: GraphError.self) { try einsum("ijk->i", a) }
  }

  @Test func determinantsOfAStack() throws {
    let stack = Tensor([0, 2, 3, 4, 1, 2, 2, 4] as [Double], [2, 2, 2])
    #expect(try evaluated("Det", [stack]) == [doubles(-6, 0)])
    #expect(throws: GraphError.self) { try evaluated("Det", [a]) }
  }
}
