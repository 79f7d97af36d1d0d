import GraphIR
import Tensors
import TestSupport
import Testing

@testable import Engine

/// What the plan makes of a graph, and that it still computes the same.
@Suite struct PassTests {
  private func check(
    _ graph: Graph,
    _ fetch: ValueID,
    _ feeds: [ValueID: Tensor],
    steps: [String],
    tolerance: Double = 1e-5
  ) throws {
    let session = try Session(graph)
    var oracle = ReferenceInterpreter(graph)
    let expected = try oracle.run([fetch], feeds: feeds)[0]
    #expect(largestError(try session.run([fetch], feeds: feeds)[0], expected) <= tolerance)
    #expect(try session.prepare([fetch], inputShapes: feeds.mapValues(\.shape)).stepNames == steps)
  }

  @Test func biasAndActivationJoinTheProduct() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, ["N", 6])
    let w = try graph.constant(.random([6, 4]))
    let b = try graph.constant(.random([4]))
    let y = try graph.apply1("Relu", [graph.apply1("Add", [graph.apply1("MatMul", [x, w]), b])])
    try check(graph, y, [x: .random([3, 6])], steps: ["MatMul"])
  }

  @Test func batchNormalizationFoldsIntoConvolution() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, ["N", 3, 8, 8])
    let w = try graph.constant(.random([4, 3, 3, 3]))
    let vectors = try (0..<4).map {
      try graph.constant(.random([4], seed: UInt64($0 + 10), in: 0.5...2))
    }
    let conv = try graph.apply1("Conv", [x, w])
    let norm = try graph.apply1("BatchNormalization", [conv] + vectors)
    let y = try graph.apply1("Relu", [norm])
    try check(graph, y, [x: .random([2, 3, 8, 8])], steps: ["Conv"])
  }

  @Test func elementwiseOperatorsRunAsOneChain() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, ["N", 6])
    let b = try graph.constant(.random([6]))
    let sum = try graph.apply1("Add", [x, b])
    let squared = try graph.apply1("Mul", [sum, sum])
    let y = try graph.apply1("Exp", [graph.apply1("Neg", [squared])])
    try check(graph, y, [x: .random([3, 6])], steps: ["Exp"])
  }

  @Test func reshapesAndShapeArithmeticCostNothing() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, ["N", 2, 3])
    let shape = try graph.apply1("Shape", [x])
    let first = try graph.apply1(
      "Gather",
      [shape, graph.constant(Tensor(vector: [0] as [Int64]))]
    )
    let target = try graph.apply1(
      "Concat",
      [first, graph.constant(Tensor(vector: [6] as [Int64]))],
      ["axis": .int(0)]
    )
    let flat = try graph.apply1("Reshape", [x, target])
    let y = try graph.apply1("Neg", [flat])
    try check(graph, y, [x: .random([4, 2, 3])], steps: ["Neg"])
  }

  @Test func gradientDescentJoinsTheProductThatMakesTheGradient() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, ["N", 5])
    let dy = try graph.placeholder("dy", .float32, ["N", 3])
    let w = try graph.variable("w", .random([5, 3]))
    let rate = try graph.constant(Tensor(scalar: Float(0.1)))
    let gradient = try graph.apply1("Gemm", [x, dy], ["transA": .int(1)])
    let update = try graph.apply1(.martlet("SGDUpdate"), [w, gradient, rate])
    let feeds = [x: Tensor.random([7, 5]), dy: Tensor.random([7, 3])]
    try check(graph, update, feeds, steps: ["Gemm"])
  }

  @Test func aFetchedIntermediateIsNotFusedAway() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, ["N", 6])
    let w = try graph.constant(.random([6, 4]))
    let product = try graph.apply1("MatMul", [x, w])
    let y = try graph.apply1("Relu", [product])
    let session = try Session(graph)
    let results = try session.run([product, y], feeds: [x: .random([3, 6])])
    let (raw, activated) = (
      results[0].elements(of: Float.self), results[1].elements(of: Float.self)
    )
    #expect(raw.map { max($0, 0) } == activated)
    #expect(raw.contains { $0 < 0 })
  }

  @Test func gradientsOfAPooledActivationAreMaskedOnThePooledSide() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [2, 3, 6, 6])
    let dy = try graph.placeholder("dy", .float32, [2, 3, 3, 3])
    let window: [String: Attribute] = ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]
    let y = try graph.apply1("Relu", [x])
    let pooled = try graph.apply1("MaxPool", [y], window)
    let routed = try graph.apply1(.martlet("MaxPoolGradient"), [y, dy], window)
    let dx = try graph.apply1(.martlet("ReluGradient"), [routed, x])
    let axes = try graph.constant(Tensor(vector: [0, 2, 3] as [Int64]))
    let bias = try graph.apply1("ReduceSum", [dx, axes], ["keepdims": .int(0)])
    let feeds = [x: Tensor.random([2, 3, 6, 6]), dy: Tensor.random([2, 3, 3, 3], seed: 2)]
    let fetches = [pooled, dx, bias]
    let session = try Session(graph)
    var oracle = ReferenceInterpreter(graph)
    let expected = try oracle.run(fetches, feeds: feeds)
    for (a, b) in zip(try session.run(fetches, feeds: feeds), expected) {
      #expect(largestError(a, b) < 1e-5)
    }
    #expect(
      try session.prepare(fetches, inputShapes: feeds.mapValues(\.shape)).stepNames == [
        "Relu", "MaxPool", "martlet.ReluGradient", "martlet.MaxPoolGradient", "ReduceSum",
      ]
    )
  }
}
