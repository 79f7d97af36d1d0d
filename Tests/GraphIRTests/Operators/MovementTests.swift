import GraphIR
import Tensors
import Testing

@Suite struct MovementShapeTests {
  /// Infers with a float32 operand and int64 vectors, constants where given.
  private func shapes(
    _ op: OperatorName,
    _ x: PartialShape,
    _ vectors: [[Int64]?] = [],
    _ attributes: [String: Attribute] = [:],
    outputs: Int = 1
  ) throws -> [PartialShape] {
    var graph = Graph()
    var inputs: [ValueID?] = [try graph.placeholder("x", .float32, x)]
    for vector in vectors {
      inputs.append(try vector.map { try graph.constant(Tensor(vector: $0)) })
    }
    return try graph.apply(op, inputs, attributes, outputCount: outputs)
      .compactMap { $0.map { graph[$0].type.shape } }
  }

  @Test func reshapeInfersAndCopies() throws {
    #expect(try shapes("Reshape", [2, 3, 4], [[0, -1]]) == [[2, 12]])
    #expect(try shapes("Reshape", ["N", 3, 4], [[0, -1]]) == [["N", 12]])
    #expect(try shapes("Reshape", ["N", 3, 4], [[-1, 12]]) == [[.unknown, 12]])
    #expect(try shapes("Reshape", [0, 3], [[3, 0]], ["allowzero": .int(1)]) == [[3, 0]])
    #expect(throws: GraphError.self) { try shapes("Reshape", [2, 3], [[4, -1]]) }
    #expect(throws: GraphError.self) { try shapes("Reshape", [2, 3], [[-1, -1]]) }
    #expect(throws: GraphError.self) { try shapes("Reshape", [2, 3], [[7]]) }
    #expect(throws: GraphError.self) { try shapes("Reshape", [2, 3], [[.max, .max, 2]]) }
  }

  @Test func reshapeByAnOpenOperandKeepsTheRank() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [2, 3])
    let shape = try graph.placeholder("shape", .int64, [3])
    let y = try graph.apply1("Reshape", [x, shape])
    #expect(graph[y].type.shape == .unknown(rank: 3))
  }

  @Test func sliceClampsItsBounds() throws {
    #expect(try shapes("Slice", [10], [[-3], [.max]]) == [[3]])
    #expect(try shapes("Slice", [10], [[.max], [.min], [0], [-3]]) == [[4]])
    #expect(try shapes("Slice", ["N", 10], [[0], [.max], [0]]) == [["N", 10]])
    #expect(try shapes("Slice", ["N", 10], [[1], [5], [-1], [2]]) == [["N", 2]])
    #expect(throws: GraphError.self) { try shapes("Slice", [10], [[0], [5], [0], [0]]) }
    #expect(throws: GraphError.self) { try shapes("Slice", [10], [[0], [5], [1]]) }
  }

  @Test func splitTakesSizesOrACount() throws {
    #expect(try shapes("Split", [7, "M"], [[3, 4]], outputs: 2) == [[3, "M"], [4, "M"]])
    #expect(
      try shapes("Split", [7], [], ["num_outputs": .int(3)], outputs: 3) == [[3], [3], [1]]
    )
    #expect(throws: GraphError.self) { try shapes("Split", [7], [[3, 5]], outputs: 2) }
  }

  @Test func axesAreCountedFromBothEnds() throws {
    #expect(try shapes("Unsqueeze", ["N", 3], [[0, -1]]) == [[1, "N", 3, 1]])
    #expect(try shapes("Squeeze", [1, "N", 1], [[-1]]) == [[1, "N"]])
    #expect(try shapes("Flatten", ["N", 3, 4]) == [["N", 12]])
    #expect(
      try shapes("Transpose", ["N", 3, 4], [], ["perm": .ints([2, 0, 1])]) == [[4, "N", 3]]
    )
    #expect(throws: GraphError.self) { try shapes("Squeeze", [2, 3], [[0]]) }
    #expect(throws: GraphError.self) {
      try shapes("Transpose", [2, 3], [], ["perm": .ints([0, 0])])
    }
  }

  @Test func padAddsAndRemoves() throws {
    #expect(try shapes("Pad", [3, "M"], [[1, 0, -2, 0]]) == [[2, "M"]])
    #expect(throws: GraphError.self) { try shapes("Pad", [3], [[-2, -2]]) }
    #expect(throws: GraphError.self) { try shapes("Pad", [3], [[.max, .max]]) }
  }

  @Test func concatAddsUpAndMergesWhatIsKnown() throws {
    var graph = Graph()
    let a = try graph.placeholder("a", .float32, ["N", 2, .unknown])
    let b = try graph.placeholder("b", .float32, ["N", 3, 4])
    let y = try graph.apply1("Concat", [a, b], ["axis": .int(1)])
    #expect(graph[y].type.shape == ["N", 5, 4])
    #expect(throws: GraphError.self) { try graph.apply1("Concat", [a, b], ["axis": .int(2)]) }
  }

  @Test func tileAndExpandRefuseOverflow() {
    #expect(throws: GraphError.self) { try shapes("Tile", [.known(1 << 20)], [[1 << 40]]) }
    #expect(throws: GraphError.self) { try shapes("Expand", [1], [[-1]]) }
  }
}
