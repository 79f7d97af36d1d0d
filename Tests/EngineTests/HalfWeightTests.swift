import Engine
import GraphIR
import Tensors
import Testing

/// Weights in half precision give the bits that the same weights in float32 give, and are kept once.
@Suite struct HalfWeightTests {
  /// A product, a recurrent layer or a lookup.
  enum Layer: CaseIterable {
    case product, transposedProduct, lstm, gru, bidirectional, lookup
  }

  private static func numbers(_ shape: Shape, _ seed: UInt64) -> Tensor {
    var random = Philox(seed: seed)
    return Tensor((0..<shape.elementCount).map { _ in random.uniform() - 0.5 }, shape)
      .roundedToHalves()
  }

  private static func graph(
    _ layer: Layer,
    _ weight: (Shape, UInt64) -> Tensor
  ) throws -> (graph: Graph, input: Tensor) {
    var graph = Graph()
    switch layer {
    case .product:
      let x = try graph.placeholder("x", .float32, ["N", 30])
      graph.outputs = [try graph.apply1("MatMul", [x, graph.constant(weight([30, 70], 1))])]
      return (graph, numbers([3, 30], 2))
    case .transposedProduct:
      let x = try graph.placeholder("x", .float32, ["N", 30])
      let w = try graph.constant(weight([70, 30], 1))
      graph.outputs = [try graph.apply1("Gemm", [x, w], ["transB": .int(1)])]
      return (graph, numbers([3, 30], 2))
    case .lstm, .gru, .bidirectional:
      let gates = layer == .gru ? 3 : 4
      let directions = layer == .bidirectional ? 2 : 1
      let x = try graph.placeholder("x", .float32, [2, "N", 9])
      let w = try graph.constant(weight([directions, gates * 20, 9], 1))
      let r = try graph.constant(weight([directions, gates * 20, 20], 2))
      let op: OperatorName = layer == .gru ? "GRU" : "LSTM"
      let direction = directions == 2 ? "bidirectional" : "forward"
      graph.outputs = [
        try graph.apply1(
          op,
          [x, w, r],
          ["hidden_size": .int(20), "direction": .string(direction)]
        )
      ]
      return (graph, numbers([2, 3, 9], 3))
    case .lookup:
      let x = try graph.placeholder("x", .int64, ["N"])
      graph.outputs = [try graph.apply1("Gather", [graph.constant(weight([40, 50], 1)), x])]
      return (graph, Tensor([0, 39, -1, 7] as [Int64], [4]))
    }
  }

  @Test(arguments: Layer.allCases) func theBitsAreThoseOfWideWeights(_ layer: Layer) throws {
    var halves: [Tensor] = []
    let (wide, input) = try Self.graph(layer, Self.numbers)
    let (half, _) = try Self.graph(layer) { shape, seed in
      let weight = Self.numbers(shape, seed).exactHalves()?.widened()
      halves.append(weight ?? Tensor(zeros: .float32, shape))
      return halves[halves.count - 1]
    }
    #expect(halves.allSatisfy { $0.halves != nil })
    let expected = try Session(wide).run(wide.outputs, feeds: [wide.inputs[0]: input])
    let session = try Session(half)
    #expect(try session.run(half.outputs, feeds: [half.inputs[0]: input]) == expected)
    // A table stays in halves; of what is multiplied only the packed form stays, from which the weights can still be read.
    for (index, weight) in halves.enumerated() {
      #expect((weight.halves == nil) == (layer != .lookup))
      #expect(weight == (try Self.weight(index, of: wide)))
    }
    // Another plan of the session.
    let many = Tensor(
      dtype: input.dtype,
      layer == .lookup ? [2] : Shape(input.shape.dimensions.map { $0 == 3 ? 1 : $0 })
    ) { target in
      input.withBytes {
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<target.count]))
      }
    }
    #expect(
      try session.run(half.outputs, feeds: [half.inputs[0]: many])
        == Session(wide).run(wide.outputs, feeds: [wide.inputs[0]: many])
    )
  }

  private static func weight(_ index: Int, of graph: Graph) throws -> Tensor {
    let constants = graph.values.compactMap { value -> Tensor? in
      if case .constant(let tensor) = value.source { tensor } else { nil }
    }
    return try #require(index < constants.count ? constants[index] : nil)
  }
}
