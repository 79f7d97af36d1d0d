import GraphIR
import TestSupport
import Tensors
import Testing

@Suite struct ControlFlowTests {
  private func adder(_ size: Dimension = 2) throws -> Graph {
    try Graph.body { (body: inout Graph) throws(GraphError) in
      let s = try body.placeholder("s", .float32, [size])
      let x = try body.placeholder("x", .float32, [size])
      let sum = try body.apply1("Add", [s, x])
      return [sum, sum]
    }
  }

  @Test func shapesAreInferredThroughTheBody() throws {
    var graph = Graph()
    let s = try graph.placeholder("s", .float32, [5])
    let x = try graph.placeholder("x", .float32, [5, "T"])
    let results = try graph.scan(
      adder(.unknown),
      states: [s],
      inputs: [x],
      options: ScanOptions(inputAxes: [1], outputAxes: [-1])
    )
    #expect(graph[results[0]].type == ValueType(.float32, [5]))
    #expect(graph[results[1]].type == ValueType(.float32, [5, "T"]))
  }

  @Test func operandsThatDoNotFitTheBodyAreRefused() throws {
    var graph = Graph()
    let s = try graph.placeholder("s", .float32, [2])
    let x = try graph.placeholder("x", .float32, [3, 2])
    let long = try graph.placeholder("long", .float32, [4, 2])
    let wide = try graph.placeholder("wide", .float32, [3, 7])
    let whole = try graph.placeholder("whole", .int64, [3, 2])
    for wrong in [wide, whole] {
      #expect(throws: GraphError.self) { try graph.scan(adder(), states: [s], inputs: [wrong]) }
    }
    #expect(throws: GraphError.self) {
      try graph.scan(adder(), states: [s], inputs: [x], captures: [s])
    }
    #expect(throws: GraphError.self) {
      try graph.scan(
        adder(),
        states: [s],
        inputs: [x],
        options: ScanOptions(inputAxes: [2])
      )
    }
    #expect(throws: GraphError.self) {
      try graph.apply(
        "Scan",
        [s, x],
        [
          "body": .graph(adder()), "num_scan_inputs": .int(1),
          "scan_input_directions": .ints([2]),
        ],
        outputCount: 2
      )
    }
    // Two scan inputs of different length, and a state whose shape changes.
    let three = try Graph.body { (body: inout Graph) throws(GraphError) in
      let a = try body.placeholder("a", .float32, [2])
      let b = try body.placeholder("b", .float32, [2])
      return [try body.apply1("Add", [a, b])]
    }
    #expect(throws: GraphError.self) { try graph.scan(three, states: [], inputs: [x, long]) }
    let growing = try Graph.body { (body: inout Graph) throws(GraphError) in
      let a = try body.placeholder("a", .float32, [2])
      let b = try body.placeholder("b", .float32, [2])
      return [try body.apply1("Concat", [a, b], ["axis": .int(0)])]
    }
    #expect(throws: GraphError.self) { try graph.scan(growing, states: [s], inputs: [x]) }
    #expect(throws: GraphError.self) { try graph.apply("Scan", [s, x], ["body": .int(1)]) }
  }

  @Test func aBodyHoldsNoVariables() throws {
    let body = try Graph.body { (body: inout Graph) throws(GraphError) in
      let x = try body.placeholder("x", .float32, [2])
      let w = try body.variable("w", Tensor(zeros: .float32, [2]))
      return [try body.apply1("Add", [x, w])]
    }
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [3, 2])
    #expect(throws: GraphError.self) { try graph.scan(body, states: [], inputs: [x]) }
  }

  @Test func theBranchesOfIfMustAgreeOnTypes() throws {
    func branch(_ dtype: DType, _ size: Int) throws -> Graph {
      try Graph.body { (body: inout Graph) throws(GraphError) in
        [try body.constant(Tensor(zeros: dtype, [size, 3]))]
      }
    }
    var graph = Graph()
    let condition = try graph.placeholder("condition", .bool, [])
    let same = try graph.choice(condition, then: branch(.float32, 2), else: branch(.float32, 4))
    #expect(graph[same[0]].type == ValueType(.float32, [.unknown, 3]))
    #expect(throws: GraphError.self) {
      try graph.choice(condition, then: branch(.float32, 2), else: branch(.int64, 2))
    }
  }

  @Test func aPartOfAGraphBecomesAGraph() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [2])
    let y = try graph.apply1("Neg", [x], name: "y")
    let z = try graph.apply1("Add", [y, graph.constant(Tensor(scalar: Float(1)))], name: "z")
    let part = try graph.extracted([z, y], from: [y], name: "part")
    #expect(part.nodes.map(\.op) == ["Add"])
    #expect(part.inputs == [part.outputs[1]])
    #expect(part[part.outputs[0]].name == "z")
    #expect(throws: GraphError.self) { try graph.extracted([z], from: [], name: "part") }
  }
}
