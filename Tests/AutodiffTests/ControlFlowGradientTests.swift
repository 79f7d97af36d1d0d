import Autodiff
import Engine
import GraphIR
import TestSupport
import Tensors
import Testing
import Training

@Suite struct ControlFlowGradientTests {
  /// s' = tanh(s w + x) + t, t' = t s, y = s' x, for slices x [2]: two states, a captured value and every kind of product between them.
  private static func body() throws -> Graph {
    try Graph.body { (body: inout Graph) throws(GraphError) in
      let s = try body.placeholder("s", .float32, [2])
      let t = try body.placeholder("t", .float32, [2])
      let x = try body.placeholder("x", .float32, [2])
      let w = try body.placeholder("w", .float32, [2, 2])
      let product = try body.apply1("MatMul", [s, w])
      let bent = try body.apply1("Tanh", [body.apply1("Add", [product, x])])
      let new = try body.apply1("Add", [bent, t])
      return [new, try body.apply1("Mul", [t, s]), try body.apply1("Mul", [new, x])]
    }
  }

  private static func scan(
    output: Int,
    x: Shape = [3, 2],
    _ options: ScanOptions = ScanOptions(),
    note: String = ""
  ) throws -> GradientCase {
    var attributes = options.attributes
    attributes["body"] = .graph(try body())
    attributes["num_scan_inputs"] = .int(1)
    attributes[Node.capturesAttribute] = .int(1)
    return GradientCase(
      "Scan",
      [.random([2]), .random([2]), .random(x), .random([2, 2])],
      attributes,
      output: output,
      note: note
    )
  }

  @Test(arguments: 0...2) func gradientsOfScanEqualDifferences(output: Int) throws {
    let (error, report) = try Self.scan(output: output).largestError()
    #expect(error <= 1e-6, "\(report)")
  }

  @Test func gradientsFollowAxesAndDirections() throws {
    let options = ScanOptions(
      inputAxes: [-1],
      isInputReversed: [true],
      outputAxes: [-1],
      isOutputReversed: [true]
    )
    let (error, report) = try Self.scan(output: 2, x: [2, 4], options).largestError()
    #expect(error <= 1e-6, "\(report)")
  }

  private struct Network {
    var graph: Graph
    let parameters: [ValueID]
    let loss: ValueID

    init() throws {
      var graph = Graph()
      let s = try graph.variable("s", .random([2], seed: 1))
      let t = try graph.variable("t", .random([2], seed: 2))
      let x = try graph.variable("x", .random([4, 2], seed: 3))
      let w = try graph.variable("w", .random([2, 2], seed: 4))
      parameters = [s, t, x, w]
      let results = try graph.scan(
        ControlFlowGradientTests.body(),
        states: [s, t],
        inputs: [x],
        captures: [w]
      )
      var parts: [ValueID] = []
      for result in results {
        parts.append(try graph.apply1("ReduceSumSquare", [result], ["keepdims": .int(0)]))
      }
      loss = try graph.apply1("Sum", parts)
      self.graph = graph
    }
  }

  @Test func gradientsOfTheGradientOfScanEqualDifferences() throws {
    var network = try Network()
    let gradients = try network.graph.gradients(
      of: network.loss,
      withRespectTo: network.parameters
    )
    var parts: [ValueID] = []
    for gradient in gradients {
      parts.append(
        try network.graph.apply1("ReduceSumSquare", [gradient], ["keepdims": .int(0)])
      )
    }
    let norm = try network.graph.apply1("Sum", parts)
    let report = try GradientCheck.run(
      network.graph,
      loss: norm,
      parameters: network.parameters
    )
    #expect(report.parameters[0].relativeError <= 1e-6, "\(report)")
  }

  @Test func aHessianVectorProductEqualsTheDifferenceOfGradients() throws {
    var network = try Network()
    let w = network.parameters[3]
    let gradient = try network.graph.gradients(of: network.loss, withRespectTo: [w])[0]
    let direction = try network.graph.constant(.random([2, 2], seed: 9))
    let product = try network.graph.gradients(
      of: gradient,
      withRespectTo: [w],
      seed: direction
    )[0]
    var interpreter = ReferenceInterpreter(network.graph, precision: .double)
    let found = numbers(try interpreter.run([product], feeds: [:])[0])
    let start = numbers(.random([2, 2], seed: 4))
    let along = numbers(.random([2, 2], seed: 9))
    func gradientAt(_ h: Double) throws -> [Double] {
      interpreter.assign(w, Tensor(zip(start, along).map { $0 + h * $1 }, [2, 2]))
      return numbers(try interpreter.run([gradient], feeds: [:])[0])
    }
    let (above, below) = (try gradientAt(1e-5), try gradientAt(-1e-5))
    for index in found.indices {
      #expect(abs(found[index] - (above[index] - below[index]) / 2e-5) <= 1e-7)
    }
  }

  @Test func theEngineComputesTheSameGradients() throws {
    var network = try Network()
    let gradients = try network.graph.gradients(
      of: network.loss,
      withRespectTo: network.parameters
    )
    var interpreter = ReferenceInterpreter(network.graph)
    let expected = try interpreter.run(gradients, feeds: [:])
    let session = try Session(network.graph)
    for _ in 0..<2 {
      for (a, b) in zip(try session.run(gradients, feeds: [:]), expected) {
        #expect(largestError(a, b) <= 1e-5)
      }
    }
    let run = try session.prepare(gradients, inputShapes: [:])
    #expect(run.stepNames.filter { $0 == "Scan" }.count == 2)
  }

  /// The gradient must see the numbers that the forward pass drew, not draw again.
  @Test func theGradientKnowsWhatDropoutDroppedInEachStep() throws {
    let body = try Graph.body { (body: inout Graph) throws(GraphError) in
      let x = try body.placeholder("x", .float32, [8])
      let half = try body.constant(Tensor(scalar: Float(0.5)))
      let training = try body.constant(Tensor(scalar: true))
      return [try body.apply1("Dropout", [x, half, training])]
    }
    var graph = Graph()
    let x = try graph.variable("x", Tensor(repeating: Float(3), [5, 8]))
    let y = try graph.scan(body, states: [], inputs: [x])[0]
    let gradient = try graph.gradients(of: y, withRespectTo: [x])[0]
    let session = try Session(graph)
    for _ in 0..<2 {
      let found = try session.run([y, gradient], feeds: [:])
      // Kept elements are 2 x, and so is their slope.
      #expect(numbers(found[0]).map { $0 / 3 } == numbers(found[1]))
      #expect(Set(numbers(found[1])) == [0, 2])
    }
  }

  @Test func aLoopOfFixedLengthHasGradients() throws {
    let body = try Graph.body { (body: inout Graph) throws(GraphError) in
      let step = try body.placeholder("step", .int64, [])
      let condition = try body.placeholder("condition", .bool, [])
      let v = try body.placeholder("v", .float32, [2])
      let w = try body.placeholder("w", .float32, [2])
      let number = try body.apply1("CastLike", [step, v])
      let new = try body.apply1("Add", [body.apply1("Mul", [v, w]), number])
      return [condition, new, try body.apply1("Mul", [new, new])]
    }
    for output in 0..<2 {
      let test = GradientCase(
        "Loop",
        [
          .constant(Tensor(scalar: Int64(3))), .constant(Tensor(scalar: true)), .random([2]),
          .random([2]),
        ],
        ["body": .graph(body), Node.capturesAttribute: .int(1)],
        output: output,
        checksUnknownSizes: false
      )
      let (error, report) = try test.largestError()
      #expect(error <= 1e-6, "\(report)")
    }
  }

  @Test(arguments: [true, false]) func bothBranchesOfIfHaveGradients(condition: Bool) throws {
    func branch(_ op: OperatorName) throws -> Graph {
      try Graph.body("\(op)") { (body: inout Graph) throws(GraphError) in
        let a = try body.placeholder("a", .float32, [.unknown])
        let b = try body.placeholder("b", .float32, [.unknown])
        return [try body.apply1(op, [a, body.apply1("Tanh", [a])]), b]
      }
    }
    let test = GradientCase(
      "If",
      [.constant(Tensor(scalar: condition)), .random([3]), .random([3])],
      ["then_branch": .graph(try branch("Mul")), "else_branch": .graph(try branch("Sub"))]
    )
    let (error, report) = try test.largestError()
    #expect(error <= 1e-6, "\(report)")
  }
}
