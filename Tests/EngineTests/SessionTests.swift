import GraphIR
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Engine

@Suite struct SessionTests {
  @Test func severalFetchesComeFromOneRun() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, ["N", 2])
    let doubled = try graph.apply1("Add", [x, x])
    let squared = try graph.apply1("Mul", [x, x])
    let session = try Session(graph)
    let results = try session.run(
      [doubled, squared, x],
      feeds: [x: Tensor([1, 2, 3, 4] as [Float], [2, 2])]
    )
    #expect(results[0].elements(of: Float.self) == [2, 4, 6, 8])
    #expect(results[1].elements(of: Float.self) == [1, 4, 9, 16])
    #expect(results[2].elements(of: Float.self) == [1, 2, 3, 4])
  }

  @Test func sessionsThatShareWeightsHaveVariablesAndResultsOfTheirOwn() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, ["N", 40])
    let matrix = try graph.constant(.random([40, 30], seed: 1, in: -1...1))
    let product = try graph.apply1("MatMul", [x, matrix])
    let total = try graph.variable("total", Tensor(scalar: Float(10)))
    let sum = try graph.apply1("Add", [total, product])
    let weights = SharedWeights()
    let first = try Session(graph, weights: weights)
    let second = try Session(graph, weights: weights)
    try first.assign(total, Tensor(scalar: Float(3)))
    let feed = Tensor.random([4, 40], seed: 2, in: -1...1)
    let expected = try Session(graph).run([sum, product], feeds: [x: feed])
    let others = try second.run([sum, product], feeds: [x: feed])
    #expect(
      others.map { $0.elements(of: Float.self) } == expected.map { $0.elements(of: Float.self) }
    )
    let own = try first.run([sum, product], feeds: [x: feed])
    #expect(own[0].elements(of: Float.self) != expected[0].elements(of: Float.self))
    #expect(own[1].elements(of: Float.self) == expected[1].elements(of: Float.self))
    #expect(try second.value(of: total).first == 10)
    // Packed once for both.
    var packs = 0
    for _ in 0..<2 {
      _ = weights.packed("key", layout: "test", floatCount: 1) { target in
        target[0] = 1
        packs += 1
      }
    }
    #expect(packs == 1)
  }

  @Test func variablesKeepTheirValueBetweenRunsAndNothingElseDoes() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [])
    let total = try graph.variable("total", Tensor(scalar: Float(10)))
    let sum = try graph.apply1("Add", [total, x])
    let update = try graph.apply1(.martlet("Assign"), [total, sum])
    let session = try Session(graph)
    #expect(try session.run([update], feeds: [x: Tensor(scalar: Float(1))])[0].first == 11)
    #expect(try session.run([update], feeds: [x: Tensor(scalar: Float(2))])[0].first == 13)
    #expect(try session.value(of: total).first == 13)
    // Reading without the update leaves it alone.
    #expect(try session.run([sum], feeds: [x: Tensor(scalar: Float(5))])[0].first == 18)
    #expect(try session.value(of: total).first == 13)
    try session.assign(total, Tensor(scalar: Float(-1)))
    #expect(try session.run([total], feeds: [:])[0].first == -1)
  }

  @Test func readersOfARunSeeTheValueFromBeforeItsUpdates() throws {
    var graph = Graph()
    let v = try graph.variable("v", Tensor(scalar: Float(1)))
    let one = try graph.constant(Tensor(scalar: Float(1)))
    let next = try graph.apply1("Add", [v, one])
    let update = try graph.apply1(.martlet("Assign"), [v, next])
    let after = try graph.apply1("Mul", [update, one])
    let negated = try graph.apply1("Neg", [v])
    let session = try Session(graph)
    for expected in 1...3 {
      let results = try session.run([v, negated, update, after], feeds: [:])
      #expect(results[0].first == Float(expected))
      #expect(results[1].first == -Float(expected))
      #expect(results[2].first == Float(expected + 1))
      #expect(results[3].first == Float(expected + 1))
    }
  }

  @Test func aWrongShapeNamesPlaceholderExpectedAndGiven() throws {
    var graph = Graph()
    let x = try graph.placeholder("pixels", .float32, ["N", 784])
    let y = try graph.apply1("Neg", [x])
    let session = try Session(graph)
    let error = #expect(throws: EngineError.self) {
      try session.run([y], feeds: [x: Tensor(zeros: .float32, [3, 28, 28])])
    }
    #expect(
      error?.description == "placeholder pixels: expected float32[N,784], given float32[3,28,28]"
    )
    let typeError = #expect(throws: EngineError.self) {
      try session.run([y], feeds: [x: Tensor(zeros: .int64, [3, 784])])
    }
    #expect(
      typeError?.description == "placeholder pixels: expected float32[N,784], given int64[3,784]"
    )
    let missing = #expect(throws: EngineError.self) { try session.run([y], feeds: [:]) }
    #expect(
      missing?.description == "placeholder pixels was not fed, expected float32[N,784]"
    )
  }

  @Test func aSymbolHasOneSizeInAllPlaceholders() throws {
    var graph = Graph()
    let a = try graph.placeholder("a", .float32, ["N"])
    let b = try graph.placeholder("b", .float32, ["N"])
    let y = try graph.apply1("Add", [a, b])
    let session = try Session(graph)
    #expect(throws: EngineError.self) {
      try session.run(
        [y],
        feeds: [a: Tensor(zeros: .float32, [3]), b: Tensor(zeros: .float32, [1])]
      )
    }
  }

  @Test func plansFollowTheShapesOfTheFeeds() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, ["N", 3])
    let w = try graph.constant(Tensor.random([3, 4]))
    let y = try graph.apply1("MatMul", [x, w])
    let session = try Session(graph)
    for rows in [1, 7, 2, 7, 1] {
      let feed = Tensor.random([rows, 3], seed: UInt64(rows))
      let result = try session.run([y], feeds: [x: feed])[0]
      var oracle = ReferenceInterpreter(graph)
      #expect(largestError(result, try oracle.run([y], feeds: [x: feed])[0]) < 1e-6)
    }
  }

  @Test func aShapeGivenAsAFeedIsPartOfThePlan() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [6])
    let shape = try graph.placeholder("shape", .int64, ["R"])
    let y = try graph.apply1("Reshape", [x, shape])
    let session = try Session(graph)
    for sizes in [[2, 3], [3, 2], [6, 1]] as [[Int64]] {
      let result = try session.run(
        [y],
        feeds: [x: Tensor.random([6]), shape: Tensor(vector: sizes)]
      )[0]
      #expect(result.shape.dimensions == sizes.map(Int.init))
    }
  }

  @Test func preparedRunsComputeInPlaceWithoutFeeds() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, ["N"])
    let y = try graph.apply1("Exp", [x])
    let session = try Session(graph)
    let run = try session.prepare([y], inputShapes: [x: [3]])
    run.input(x).withMemoryRebound(to: Float.self) {
      $0[0] = 0; $0[1] = 1; $0[2] = 2
    }
    try run.execute()
    let output = run.output(0).assumingMemoryBound(to: Float.self)
    #expect(abs(output[1] - 2.7182817) < 1e-6)
    #expect(run.outputShapes == [[3]])
  }

  @Test func aYieldingSessionCallsItsHookBetweenLongStepsAndComputesTheSame() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [512, 512])
    let w = try graph.constant(.random([512, 512], seed: 2, in: -0.05...0.05))
    var y = x
    for _ in 0..<4 { y = try graph.apply1("MatMul", [y, w]) }
    final class Counter: Sendable {
      let count = Atomic<Int>(0)
    }
    let counter = Counter()
    let options = SessionOptions(yield: { counter.count.add(1, ordering: .relaxed) })
    let session = try Session(graph, options: options)
    let feeds = [x: Tensor.random([512, 512], seed: 3)]
    let result = try session.run([y], feeds: feeds)
    let steps = try session.prepare([y], inputShapes: [x: [512, 512]]).stepNames.count
    // 268 million operations take no processor of today less than the interval.
    #expect(counter.count.load(ordering: .relaxed) == steps)
    #expect(try Session(graph).run([y], feeds: feeds) == result)
  }
}

extension Tensor {
  /// The first element of a float32 tensor.
  var first: Float { withElements(of: Float.self) { $0[0] } }
}
