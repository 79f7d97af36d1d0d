import GraphIR
import Tensors
import Testing

@Suite struct MatrixProductShapeTests {
  private func matMul(_ a: PartialShape, _ b: PartialShape) throws -> PartialShape {
    var graph = Graph()
    let left = try graph.placeholder("a", .float32, a)
    let right = try graph.placeholder("b", .float32, b)
    let product = try graph.apply1("MatMul", [left, right])
    return graph[product].type.shape
  }

  @Test func batchesBroadcastAndVectorsDropOut() throws {
    #expect(try matMul(["N", 1, 2, 3], [5, 3, 4]) == ["N", 5, 2, 4])
    #expect(try matMul([3], [3, 4]) == [4])
    #expect(try matMul([2, 3], [3]) == [2])
    #expect(try matMul([3], [3]) == [])
    #expect(try matMul(.unranked, [3]) == .unranked)
  }

  @Test func innerSizesMustAgree() {
    #expect(throws: GraphError.self) { try matMul([2, 3], [4, 5]) }
    #expect(throws: GraphError.self) { try matMul([], [4, 5]) }
  }

  @Test func gemmTransposesAndBroadcastsC() throws {
    var graph = Graph()
    let a = try graph.placeholder("a", .float32, [3, "N"])
    let b = try graph.placeholder("b", .float32, [4, 3])
    let c = try graph.placeholder("c", .float32, [4])
    let y = try graph.apply1("Gemm", [a, b, c], ["transA": .int(1), "transB": .int(1)])
    #expect(graph[y].type.shape == ["N", 4])
    #expect(throws: GraphError.self) {
      try graph.apply1("Gemm", [a, b, b], ["transA": .int(1), "transB": .int(1)])
    }
  }
}
