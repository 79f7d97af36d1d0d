import Engine
import GraphIR
import Synchronization
import TestSupport
import Tensors
import Testing

@Suite struct ScanTests {
  /// Runs on the engine and on the reference interpreter, twice on the engine because a second run finds old values in memory.
  private func compare(
    _ graph: Graph,
    _ feeds: [ValueID: Tensor],
    isPlanned: Bool = true,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [Tensor] {
    var interpreter = ReferenceInterpreter(graph)
    let expected = try interpreter.run(graph.outputs, feeds: feeds)
    let session = try Session(graph)
    for _ in 0..<2 {
      let found = try session.run(graph.outputs, feeds: feeds)
      for (a, b) in zip(found, expected) {
        #expect(largestError(a, b) <= 1e-6, sourceLocation: sourceLocation)
      }
    }
    if isPlanned {
      let shapes = feeds.mapValues(\.shape)
      let values = feeds.filter { $0.value.dtype == .int64 }
      let run = try session.prepare(graph.outputs, inputShapes: shapes, inputValues: values)
      #expect(
        !run.stepNames.contains { $0.contains("reference") },
        "\(run.stepNames)",
        sourceLocation: sourceLocation
      )
    }
    return expected
  }

  @Test func aRecurrentNetworkEqualsTheFormula() throws {
    var graph = Graph()
    let h = try graph.placeholder("h", .float32, [2, 3])
    let x = try graph.placeholder("x", .float32, [.symbol("T"), 2, 3])
    let w = try graph.variable("w", .random([3, 3], seed: 5))
    let b = try graph.constant(.random([3], seed: 6))
    graph.outputs = try graph.scan(.recurrentBody(), states: [h], inputs: [x], captures: [w, b])
    #expect(graph[graph.outputs[1]].type.shape == [.symbol("T"), 2, 3])
    let results = try compare(graph, [h: .random([2, 3]), x: .random([4, 2, 3], seed: 2)])
    let all = numbers(results[1])
    #expect(numbers(results[0]) == Array(all[18...]))
    // h_1 = tanh(x_0 + h_0 W + b), its first element by hand
    let (h0, x0) = (numbers(.random([2, 3])), numbers(.random([4, 2, 3], seed: 2)))
    let (w0, b0) = (numbers(.random([3, 3], seed: 5)), numbers(.random([3], seed: 6)))
    var sum = x0[0] + b0[0]
    for k in 0..<3 { sum += h0[k] * w0[k * 3] }
    let e = Double.exp(2 * sum)
    #expect(abs(all[0] - (e - 1) / (e + 1)) < 1e-6)
  }

  @Test(arguments: [0, 1, 5])
  func axesAndDirectionsAreThoseOfONNX(steps: Int) throws {
    // s' = s + x, y = s (before): a running sum from the end along axis 1, written along the last axis from its end.
    let body = try Graph.body { (body: inout Graph) throws(GraphError) in
      let s = try body.placeholder("s", .float32, [2, 4])
      let x = try body.placeholder("x", .float32, [2, 4])
      return [try body.apply1("Add", [s, x]), s]
    }
    var graph = Graph()
    let s = try graph.placeholder("s", .float32, [2, 4])
    let x = try graph.placeholder("x", .float32, [2, .unknown, 4])
    graph.outputs = try graph.scan(
      body,
      states: [s],
      inputs: [x],
      options: ScanOptions(
        inputAxes: [-2],
        isInputReversed: [true],
        outputAxes: [-1],
        isOutputReversed: [true]
      )
    )
    let start = Tensor.random([2, 4], seed: 3)
    let slices = Tensor.random([2, steps == 1 ? 1 : steps, 4])
    let results = try compare(graph, [s: start, x: slices])
    #expect(results[1].shape == [2, 4, steps])
    guard steps > 0 else { return }
    // The first step's old state is the initial one and stands last.
    #expect(numbers(results[1])[steps - 1] == numbers(start)[0])
  }

  @Test func statesThatChangePlacesAreNotOverwritten() throws {
    // (a, b, c) becomes (b, a, a + b).
    let body = try Graph.body { (body: inout Graph) throws(GraphError) in
      let a = try body.placeholder("a", .float32, [2])
      let b = try body.placeholder("b", .float32, [2])
      _ = try body.placeholder("c", .float32, [2])
      let x = try body.placeholder("x", .float32, [2])
      let sum = try body.apply1("Add", [body.apply1("Add", [a, b]), x])
      return [b, a, sum, sum]
    }
    var graph = Graph()
    let states = try ["a", "b", "c"].map { try graph.placeholder($0, .float32, [2]) }
    let x = try graph.placeholder("x", .float32, [3, 2])
    graph.outputs = try graph.scan(body, states: states, inputs: [x])
    let results = try compare(
      graph,
      [
        states[0]: Tensor(vector: [Float(1), 2]), states[1]: Tensor(vector: [Float(10), 20]),
        states[2]: Tensor(vector: [Float(0), 0]), x: Tensor(zeros: .float32, [3, 2]),
      ]
    )
    #expect(numbers(results[0]) == [10, 20])
    #expect(numbers(results[2]) == [11, 22])
  }

  @Test func outputsThatNobodyReadsAreNotComputed() throws {
    // The second state and the scan output would fail: their Gather is out of range.
    let body = try Graph.body { (body: inout Graph) throws(GraphError) in
      let a = try body.placeholder("a", .float32, [2])
      let b = try body.placeholder("b", .float32, [2])
      let x = try body.placeholder("x", .float32, [2])
      let index = try body.placeholder("index", .int64, [2])
      let bad = try body.apply1("Gather", [b, index])
      return [try body.apply1("Add", [a, x]), bad, bad]
    }
    var graph = Graph()
    let a = try graph.placeholder("a", .float32, [2])
    let x = try graph.placeholder("x", .float32, [3, 2])
    let index = try graph.placeholder("index", .int64, [2])
    let all = try graph.scan(body, states: [a, a], inputs: [x], captures: [index])
    let feeds = [
      a: Tensor.random([2]), x: .random([3, 2]), index: Tensor(vector: [Int64(7), 7]),
    ]
    let session = try Session(graph)
    #expect(throws: GraphError.self) { try session.run(all, feeds: feeds) }
    _ = try session.run([all[0]], feeds: feeds)
  }

  @Test func randomNumbersDifferFromStepToStepAndRunToRun() throws {
    let body = try Graph.body { (body: inout Graph) throws(GraphError) in
      let x = try body.placeholder("x", .float32, [64])
      let half = try body.constant(Tensor(scalar: Float(0.5)))
      let training = try body.constant(Tensor(scalar: true))
      return [try body.apply1("Dropout", [x, half, training])]
    }
    var graph = Graph()
    let x = try graph.constant(Tensor(repeating: Float(1), [3, 64]))
    graph.outputs = try graph.scan(body, states: [], inputs: [x])
    let session = try Session(graph, options: SessionOptions(random: RandomState(seed: 4)))
    let first = numbers(try session.run(graph.outputs, feeds: [:])[0])
    let rows = (0..<3).map { Array(first[$0 * 64..<($0 + 1) * 64]) }
    #expect(rows[0] != rows[1] && rows[1] != rows[2] && rows[0] != rows[2])
    #expect(numbers(try session.run(graph.outputs, feeds: [:])[0]) != first)
    var interpreter = ReferenceInterpreter(graph, random: RandomState(seed: 4))
    #expect(numbers(try interpreter.run(graph.outputs, feeds: [:])[0]) == first)
  }

  @Test func aScanInsideAScanRunsInItsOwnMemory() throws {
    // Inner: the running sum of a row; outer: over rows, the last sum carried on.
    let inner = try Graph.body("inner") { (body: inout Graph) throws(GraphError) in
      let s = try body.placeholder("s", .float32, [2])
      let x = try body.placeholder("x", .float32, [2])
      let factor = try body.placeholder("factor", .float32, [])
      let sum = try body.apply1("Add", [s, body.apply1("Mul", [x, factor])])
      return [sum, sum]
    }
    let outer = try Graph.body("outer") { (body: inout Graph) throws(GraphError) in
      let s = try body.placeholder("s", .float32, [2])
      let row = try body.placeholder("row", .float32, [3, 2])
      let factor = try body.placeholder("factor", .float32, [])
      let results = try body.scan(inner, states: [s], inputs: [row], captures: [factor])
      return [try body.apply1("Tanh", [results[0]]), results[1]]
    }
    #expect(outer.bodyDepth == 1)
    var graph = Graph()
    let s = try graph.placeholder("s", .float32, [2])
    let x = try graph.placeholder("x", .float32, [4, 3, 2])
    let factor = try graph.placeholder("factor", .float32, [])
    graph.outputs = try graph.scan(outer, states: [s], inputs: [x], captures: [factor])
    #expect(graph.bodyDepth == 2)
    let results = try compare(
      graph,
      [s: .random([2]), x: .random([4, 3, 2]), factor: Tensor(scalar: Float(0.5))]
    )
    #expect(results[1].shape == [4, 3, 2])
  }

  @Test func aConstantShapeInsideTheBodyIsFoldedAndTheRestOfTheWeightsHoisted() throws {
    // Reshape to the shape of another value, and a transposed weight that every step shares.
    let body = try Graph.body { (body: inout Graph) throws(GraphError) in
      let s = try body.placeholder("s", .float32, [.unknown, 3])
      let x = try body.placeholder("x", .float32, [.unknown])
      let w = try body.placeholder("w", .float32, [3, 3])
      let shaped = try body.apply1("Reshape", [x, body.apply1("Shape", [s])])
      let moved = try body.apply1("Transpose", [w], ["perm": .ints([1, 0])])
      let product = try body.apply1("MatMul", [s, moved])
      let new = try body.apply1("Add", [shaped, body.apply1("Sigmoid", [product])])
      return [new, new]
    }
    var graph = Graph()
    let s = try graph.placeholder("s", .float32, [.symbol("N"), 3])
    let x = try graph.placeholder("x", .float32, [.symbol("T"), .unknown])
    let w = try graph.variable("w", .random([3, 3]))
    graph.outputs = try graph.scan(body, states: [s], inputs: [x], captures: [w])
    _ = try compare(graph, [s: .random([2, 3]), x: .random([5, 6])])
  }

  @Test func othersGoFirstBetweenTheStepsOfABody() throws {
    let body = try Graph.body { (body: inout Graph) throws(GraphError) in
      let s = try body.placeholder("s", .float32, [128, 128])
      let x = try body.placeholder("x", .float32, [])
      let product = try body.apply1("MatMul", [s, s])
      return [try body.apply1("Tanh", [body.apply1("Add", [product, x])])]
    }
    var graph = Graph()
    let s = try graph.placeholder("s", .float32, [128, 128])
    let x = try graph.placeholder("x", .float32, [2000])
    graph.outputs = try graph.scan(body, states: [s], inputs: [x])
    let calls = Counter()
    let session = try Session(graph, options: SessionOptions(yield: { calls.add() }))
    _ = try session.run(
      graph.outputs,
      feeds: [s: .random([128, 128]), x: Tensor(zeros: .float32, [2000])]
    )
    // One operation outside of the body: without looking between the body's steps there would be one call.
    #expect(calls.value > 10)
  }

  private final class Counter: Sendable {
    private let count = Mutex(0)
    func add() { count.withLock { $0 += 1 } }
    var value: Int { count.withLock { $0 } }
  }
}

extension Double {
  fileprivate static func exp(_ x: Double) -> Double {
    // The series: no more of the mathematical library is needed here.
    var (term, sum) = (1.0, 1.0)
    for n in 1..<60 {
      term *= x / Double(n)
      sum += term
    }
    return sum
  }
}
