import GraphIR
import Tensors
import Testing

@Suite struct PoolingShapeTests {
  private func shape(
    _ op: OperatorName,
    _ x: PartialShape,
    _ attributes: [String: Attribute]
  ) throws -> PartialShape {
    var graph = Graph()
    let input = try graph.placeholder("x", .float32, x)
    let result = try graph.apply1(op, [input], attributes)
    return graph[result].type.shape
  }

  @Test func ceilModeAddsAWindowUnlessItStartsInThePadding() throws {
    let window: [String: Attribute] = ["kernel_shape": .ints([3]), "strides": .ints([2])]
    #expect(try shape("MaxPool", ["N", 1, 6], window) == ["N", 1, 2])
    #expect(
      try shape("MaxPool", ["N", 1, 6], window.merging(["ceil_mode": .int(1)]) { $1 })
        == ["N", 1, 3]
    )
    let single: [String: Attribute] = [
      "kernel_shape": .ints([1]), "strides": .ints([3]), "pads": .ints([0, 2]),
      "ceil_mode": .int(1),
    ]
    // Windows start at 0 and 3 of a padded length of 5; one at 6 would start behind everything.
    #expect(try shape("AveragePool", [1, 1, 3], single) == [1, 1, 2])
  }

  @Test func globalPoolingKeepsOnes() throws {
    #expect(try shape("GlobalAveragePool", ["N", 5, "H", "W"], [:]) == ["N", 5, 1, 1])
  }

  @Test func kernelMustHaveOneSizeForEveryAxis() {
    #expect(throws: GraphError.self) {
      try shape("MaxPool", [1, 1, 4, 4], ["kernel_shape": .ints([2])])
    }
    #expect(throws: GraphError.self) { try shape("MaxPool", [1, 1, 4, 4], [:]) }
  }
}
