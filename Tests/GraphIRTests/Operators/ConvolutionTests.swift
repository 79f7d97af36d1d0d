import GraphIR
import Tensors
import Testing

@Suite struct ConvolutionShapeTests {
  private func shape(
    _ op: OperatorName,
    _ operands: [PartialShape],
    _ attributes: [String: Attribute] = [:]
  ) throws -> PartialShape {
    var graph = Graph()
    var inputs: [ValueID?] = []
    for (index, operand) in operands.enumerated() {
      inputs.append(try graph.placeholder("input\(index)", .float32, operand))
    }
    let result = try graph.apply1(op, inputs, attributes)
    return graph[result].type.shape
  }

  @Test func convolutionFollowsPadsStridesAndDilations() throws {
    let attributes: [String: Attribute] = [
      "pads": .ints([1, 0, 1, 2]), "strides": .ints([2, 1]), "dilations": .ints([1, 2]),
    ]
    #expect(try shape("Conv", [[2, 3, 7, 9], [8, 3, 3, 3]], attributes) == [2, 8, 4, 7])
  }

  @Test func batchSymbolPassesThroughAndSameSizeKeepsSymbols() throws {
    #expect(
      try shape("Conv", [["N", 3, "H", 5], [4, 3, 3, 3]], ["auto_pad": .string("SAME_UPPER")])
        == ["N", 4, "H", 5]
    )
    #expect(try shape("Conv", [["N", 3, "H", 5], [4, 3, 3, 3]]) == ["N", 4, .unknown, 3])
    #expect(try shape("Conv", [.unranked, [4, 3, 3, 3]]) == .unranked)
  }

  @Test func groupsDivideChannels() throws {
    #expect(try shape("Conv", [[1, 4, 5], [6, 2, 3]], ["group": .int(2)]) == [1, 6, 3])
    #expect(throws: GraphError.self) { try shape("Conv", [[1, 4, 5], [6, 3, 3]]) }
    #expect(throws: GraphError.self) {
      try shape("Conv", [[1, 6, 5], [4, 2, 3]], ["group": .int(3)])
    }
  }

  @Test func windowLargerThanInputIsAnErrorThatNamesBoth() {
    let error = #expect(throws: GraphError.self) {
      try shape("Conv", [[1, 1, 3], [1, 1, 5]])
    }
    #expect(error.map { "\($0)".contains("spans 5 cells") && "\($0)".contains("has 3") } == true)
  }

  @Test func hugeAttributesAreRefused() {
    for attributes: [String: Attribute] in [
      ["strides": .ints([0])], ["dilations": .ints([.max])], ["pads": .ints([-1, 0])],
      ["pads": .ints([.max, .max])], ["auto_pad": .string("FULL")], ["group": .int(.max)],
    ] {
      #expect(throws: GraphError.self) { try shape("Conv", [[1, 1, 9], [1, 1, 3]], attributes) }
    }
  }

  @Test func transposedConvolutionReversesTheRule() throws {
    let attributes: [String: Attribute] = [
      "strides": .ints([2]), "pads": .ints([1, 1]), "output_padding": .ints([1]),
    ]
    #expect(try shape("ConvTranspose", [["N", 4, 5], [4, 3, 3]], attributes) == ["N", 3, 10])
    #expect(
      try shape("ConvTranspose", [["N", 4, "L"], [4, 3, 3]], ["output_shape": .ints([12])])
        == ["N", 3, 12]
    )
    #expect(
      try shape("ConvTranspose", [[1, 4, 5], [4, 3, 3]], ["group": .int(2)]) == [1, 6, 7]
    )
  }

  @Test func gradientsTakeTheirShapeFromTheShapeOperand() throws {
    var graph = Graph()
    let dy = try graph.placeholder("dy", .float32, ["N", 8, 4])
    let w = try graph.placeholder("w", .float32, [8, 3, 3])
    let known = try graph.constant(Tensor(vector: [2, 3, 6] as [Int64]))
    let open = try graph.placeholder("shape", .int64, [3])
    let first = try graph.apply1(.martlet("ConvGradientInput"), [dy, w, known])
    #expect(graph[first].type.shape == [2, 3, 6])
    let second = try graph.apply1(.martlet("ConvGradientInput"), [dy, w, open])
    #expect(graph[second].type.shape == ["N", 3, .unknown])
  }
}
