import Engine
import GraphIR
import TestSupport
import Tensors
import Testing

@Suite struct LoopAndIfTests {
  /// v' = 2 v + step; goes on while the sum of v' stays below `limit`; gives v' as scan output.
  private func doubling(limit: Float?) throws -> Graph {
    try Graph.body { (body: inout Graph) throws(GraphError) in
      let step = try body.placeholder("step", .int64, [])
      let condition = try body.placeholder("condition", .bool, [])
      let v = try body.placeholder("v", .float32, [2])
      let number = try body.apply1("Cast", [step], ["to": .int(DType.float32.onnxCode)])
      let new = try body.apply1("Add", [body.apply1("Add", [v, v]), number])
      guard let limit else { return [condition, new, new] }
      let sum = try body.apply1("ReduceSum", [new], ["keepdims": .int(0)])
      let bound = try body.constant(Tensor(scalar: limit))
      return [try body.apply1("Less", [sum, bound]), new, new]
    }
  }

  private func isPlanned(_ graph: Graph, _ fetches: [ValueID], _ shapes: [ValueID: Shape]) throws
    -> Bool
  {
    do {
      _ = try Session(graph).prepare(fetches, inputShapes: shapes)
      return true
    } catch EngineError.dynamicShape { return false }
  }

  @Test func aConstantTripCountIsPlanned() throws {
    var graph = Graph()
    let v = try graph.placeholder("v", .float32, [2])
    let count = try graph.constant(Tensor(scalar: Int64(3)))
    let results = try graph.loop(doubling(limit: nil), tripCount: count, carried: [v])
    #expect(graph[results[1]].type.shape == [3, 2])
    #expect(try isPlanned(graph, results, [v: [2]]))
    let session = try Session(graph)
    let found = try session.run(results, feeds: [v: Tensor(vector: [Float(1), 2])])
    // 1: 2, 5, 12; 2: 4, 9, 20
    #expect(numbers(found[0]) == [12, 20])
    #expect(numbers(found[1]) == [2, 4, 5, 9, 12, 20])
  }

  @Test func aConditionEndsTheLoop() throws {
    var graph = Graph()
    let v = try graph.placeholder("v", .float32, [2])
    let results = try graph.loop(doubling(limit: 25), tripCount: nil, carried: [v])
    let feeds = [v: Tensor(vector: [Float(1), 2])]
    // Without the scan output every shape is known; with it, its length is not.
    #expect(try isPlanned(graph, [results[0]], [v: [2]]))
    #expect(try !isPlanned(graph, results, [v: [2]]))
    let session = try Session(graph)
    #expect(numbers(try session.run([results[0]], feeds: feeds)[0]) == [12, 20])
    let both = try session.run(results, feeds: feeds)
    #expect(numbers(both[0]) == [12, 20])
    #expect(both[1].shape == [3, 2])
  }

  @Test func aFedTripCountAndFirstConditionDecide() throws {
    var graph = Graph()
    let v = try graph.placeholder("v", .float32, [2])
    let count = try graph.placeholder("count", .int64, [])
    let first = try graph.placeholder("first", .bool, [])
    let results = try graph.loop(
      doubling(limit: 25),
      tripCount: count,
      condition: first,
      carried: [v]
    )
    let session = try Session(graph)
    func last(_ steps: Int64, _ starts: Bool) throws -> [Double] {
      let feeds = [
        v: Tensor(vector: [Float(1), 2]), count: Tensor(scalar: steps),
        first: Tensor(scalar: starts),
      ]
      return numbers(try session.run([results[0]], feeds: feeds)[0])
    }
    #expect(try last(2, true) == [5, 9])
    #expect(try last(9, true) == [12, 20])
    #expect(try last(9, false) == [1, 2])
    #expect(try last(0, true) == [1, 2])
  }

  @Test func aValueThatGrowsRunsWithoutAPlan() throws {
    let body = try Graph.body { (body: inout Graph) throws(GraphError) in
      _ = try body.placeholder("step", .int64, [])
      let condition = try body.placeholder("condition", .bool, [])
      let v = try body.placeholder("v", .float32, [.unknown])
      return [condition, try body.apply1("Concat", [v, v], ["axis": .int(0)])]
    }
    var graph = Graph()
    let v = try graph.placeholder("v", .float32, [1])
    let count = try graph.constant(Tensor(scalar: Int64(4)))
    let results = try graph.loop(body, tripCount: count, carried: [v])
    #expect(graph[results[0]].type.shape == [.unknown])
    let found = try Session(graph).run(results, feeds: [v: Tensor(vector: [Float(1)])])
    #expect(found[0].shape == [16])
  }

  @Test func aLoopWithoutEndStopsWithAnError() throws {
    let body = try Graph.body { (body: inout Graph) throws(GraphError) in
      let step = try body.placeholder("step", .int64, [])
      let condition = try body.placeholder("condition", .bool, [])
      _ = try body.placeholder("v", .int64, [])
      return [condition, step]
    }
    var graph = Graph()
    let v = try graph.placeholder("v", .int64, [])
    let results = try graph.loop(body, tripCount: nil, carried: [v])
    let session = try Session(graph)
    #expect(throws: GraphError.self) {
      try session.run(results, feeds: [v: Tensor(scalar: Int64(0))])
    }
  }

  private func branch(_ op: OperatorName) throws -> Graph {
    try Graph.body("\(op)") { (body: inout Graph) throws(GraphError) in
      let a = try body.placeholder("a", .float32, [2])
      let b = try body.placeholder("b", .float32, [2])
      return [try body.apply1(op, [a, b]), b]
    }
  }

  @Test func aConditionKnownBeforeTheRunLeavesOneBranch() throws {
    for (condition, expected) in [(true, [4.0, 6]), (false, [-2, -2])] {
      var graph = Graph()
      let a = try graph.placeholder("a", .float32, [2])
      let b = try graph.placeholder("b", .float32, [2])
      let constant = try graph.constant(Tensor(scalar: condition))
      let results = try graph.choice(
        constant,
        then: branch("Add"),
        else: branch("Sub"),
        captures: [a, b]
      )
      let session = try Session(graph)
      let run = try session.prepare(results, inputShapes: [a: [2], b: [2]])
      #expect(!run.stepNames.contains("If"))
      let found = try session.run(
        results,
        feeds: [a: Tensor(vector: [Float(1), 2]), b: Tensor(vector: [Float(3), 4])]
      )
      #expect(numbers(found[0]) == expected)
      #expect(numbers(found[1]) == [3, 4])
    }
  }

  @Test func aConditionFromTheDataChoosesInEveryRun() throws {
    var graph = Graph()
    let a = try graph.placeholder("a", .float32, [2])
    let b = try graph.placeholder("b", .float32, [2])
    let condition = try graph.placeholder("condition", .bool, [])
    let results = try graph.choice(
      condition,
      then: branch("Add"),
      else: branch("Sub"),
      captures: [a, b]
    )
    let session = try Session(graph)
    for (value, expected) in [(true, [4.0, 6]), (false, [-2, -2]), (true, [4, 6])] {
      let feeds = [
        a: Tensor(vector: [Float(1), 2]), b: Tensor(vector: [Float(3), 4]),
        condition: Tensor(scalar: value),
      ]
      #expect(numbers(try session.run(results, feeds: feeds)[0]) == expected)
      var interpreter = ReferenceInterpreter(graph)
      #expect(numbers(try interpreter.run(results, feeds: feeds)[0]) == expected)
    }
  }
}
