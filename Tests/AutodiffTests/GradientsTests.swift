import Autodiff
import Engine
import GraphIR
import Tensors
import Testing

@Suite struct GradientsTests {
  private static func run(
    _ graph: Graph,
    _ fetches: [ValueID],
    _ feeds: [ValueID: Tensor] = [:]
  ) throws -> [[Float]] {
    var interpreter = ReferenceInterpreter(graph)
    return try interpreter.run(fetches, feeds: feeds).map { $0.elements(of: Float.self) }
  }

  @Test func contributionsOfSeveralPathsAreSummed() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, ["N"])
    // f = x x + 3 x + x: df = 2 x + 4
    let three = try graph.constant(Tensor(scalar: Float(3)))
    let square = try graph.apply1("Mul", [x, x])
    let f = try graph.apply1("Sum", [square, graph.apply1("Mul", [three, x]), x])
    let gradient = try graph.gradients(of: f, withRespectTo: [x])
    #expect(try Self.run(graph, gradient, [x: Tensor(vector: [Float(1), 5])]) == [[6, 14]])
  }

  @Test func aVariableWithoutAPathHasZerosOfItsShape() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, ["N", 2])
    let y = try graph.placeholder("y", .float32, ["N"])
    let gradients = try graph.gradients(of: graph.apply1("Exp", [y]), withRespectTo: [x])
    let zeros = try Self.run(
      graph,
      gradients,
      [x: Tensor([Float(1), 2, 3, 4], [2, 2]), y: Tensor(vector: [Float(0)])]
    )
    #expect(zeros == [[0, 0, 0, 0]])
  }

  @Test func gradientOfAValueWithRespectToItselfIsOne() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [2])
    let gradients = try graph.gradients(of: x, withRespectTo: [x])
    #expect(try Self.run(graph, gradients, [x: Tensor(vector: [Float(7), 8])]) == [[1, 1]])
  }

  @Test func anIntermediateValueAndWhatItIsMadeOfBothGetTheirWholeGradient() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [])
    let y = try graph.apply1("Mul", [x, x])
    let f = try graph.apply1("Mul", [y, y])
    let gradients = try graph.gradients(of: f, withRespectTo: [x, y])
    #expect(try Self.run(graph, gradients, [x: Tensor(scalar: Float(2))]) == [[32], [8]])
  }

  @Test func comparisonsEndThePath() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [3])
    let zero = try graph.constant(Tensor(scalar: Float(0)))
    let mask = try graph.apply1("CastLike", [graph.apply1("Greater", [x, zero]), x])
    let f = try graph.apply1("Mul", [mask, x])
    let gradients = try graph.gradients(of: f, withRespectTo: [x])
    let values = try Self.run(graph, gradients, [x: Tensor(vector: [Float(-1), 2, 3])])
    #expect(values == [[0, 1, 1]])
  }

  @Test func anOperatorWithoutARuleIsNamed() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [2, 2])
    let f = try graph.apply1("Det", [x], name: "determinant")
    #expect {
      try graph.gradients(of: f, withRespectTo: [x])
    } throws: { error in
      "\(error)".contains("determinant") && "\(error)".contains("Det")
    }
  }

  @Test func wholeNumbersAreRefused() throws {
    var graph = Graph()
    let x = try graph.placeholder("count", .int64, [2])
    #expect {
      try graph.gradients(of: x, withRespectTo: [x])
    } throws: { "\($0)".contains("count is int64") }
  }

  @Test func theGraphIsUnchangedAfterAnError() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [2, 2])
    let f = try graph.apply1("Det", [graph.apply1("Exp", [x])])
    let count = graph.nodes.count
    #expect(throws: GraphError.self) { try graph.gradients(of: f, withRespectTo: [x]) }
    #expect(graph.nodes.count == count)
  }

  @Test func dropoutHandsTheGradientThroughItsMask() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [1000])
    let ratio = try graph.constant(Tensor(scalar: Float(0.25)))
    let training = try graph.constant(Tensor(scalar: true))
    let y = try graph.apply1("Dropout", [x, ratio, training])
    let gradients = try graph.gradients(of: y, withRespectTo: [x])
    let values = try Self.run(
      graph,
      [y] + gradients,
      [x: Tensor(repeating: Float(1), [1000])]
    )
    // Of ones, the result and its gradient are the same: 0 where dropped, 4/3 elsewhere.
    #expect(values[0] == values[1])
    let dropped = values[1].count { $0 == 0 }
    #expect((200...300).contains(dropped))
    #expect(values[1].allSatisfy { $0 == 0 || abs($0 - 4 / 3) < 1e-6 })
  }

  @Test func dropoutInInferenceHandsTheGradientOn() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [3])
    let y = try graph.apply1("Dropout", [x])
    let gradients = try graph.gradients(of: y, withRespectTo: [x])
    #expect(try Self.run(graph, gradients, [x: Tensor(vector: [Float(1), 2, 3])]) == [[1, 1, 1]])
  }
}
