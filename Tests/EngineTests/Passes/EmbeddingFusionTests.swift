import GraphIR
import Tensors
import TestSupport
import Testing

@testable import Engine

/// Recurrent operators that look their input up themselves.
@Suite struct EmbeddingFusionTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var cell: RecurrentCell
    var isBatchFirst: Bool
    var direction = "forward"
    /// Weights and table are constants, not fed.
    var isConstant = true
    var lengths: [Int32]?
    var testDescription: String {
      "\(cell) \(direction) \(isBatchFirst ? "[N, T]" : "[T, N]") \(isConstant ? "constant" : "fed")"
    }
  }

  static let cases = RecurrentCell.allCases.flatMap { cell in
    [
      Case(cell: cell, isBatchFirst: false), Case(cell: cell, isBatchFirst: true),
      Case(cell: cell, isBatchFirst: true, direction: "bidirectional"),
      Case(cell: cell, isBatchFirst: true, direction: "bidirectional", isConstant: false),
      Case(cell: cell, isBatchFirst: false, isConstant: false),
      Case(cell: cell, isBatchFirst: true, isConstant: false, lengths: [6, 3, 0]),
    ]
  }

  /// Gather, Transpose where the tokens have the batch first, the cell, and the way back to the table.
  private struct Network {
    var graph = Graph()
    var feeds: [ValueID: Tensor] = [:]
    var x: ValueID
    var forward: [ValueID] = []
    /// Of the table, W, R and B.
    var gradients: [ValueID] = []

    init(_ item: Case, tokens values: [Int64]? = nil) throws {
      let (t, n, i, h, v) = EmbeddingFusionTests.sizes
      let d = item.direction == "bidirectional" ? 2 : 1
      let g = item.cell.gateCount
      var built = Graph()
      var fed: [ValueID: Tensor] = [:]
      func operand(_ shape: Shape, _ seed: UInt64) throws -> ValueID {
        let tensor = Tensor.random(shape, seed: seed, in: -0.6...0.6)
        guard !item.isConstant else { return try built.constant(tensor) }
        let id = try built.placeholder("p\(seed)", .float32, PartialShape(shape))
        fed[id] = tensor
        return id
      }
      let table = try operand([v, i], 1)
      let tokenShape: Shape = item.isBatchFirst ? [n, t] : [t, n]
      let tokens = try built.placeholder("tokens", .int64, PartialShape(tokenShape))
      fed[tokens] = Tensor(
        values ?? (0..<(t * n)).map { Int64($0 * 7 % (2 * v) - v) },
        tokenShape
      )
      let looked = try built.apply1("Gather", [table, tokens])
      let permutation: [String: Attribute] = ["perm": .ints([1, 0, 2])]
      x = item.isBatchFirst ? try built.apply1("Transpose", [looked], permutation) : looked
      var inputs: [ValueID?] = [
        x, try operand([d, g * h, i], 2), try operand([d, g * h, h], 3),
        try operand([d, 2 * g * h], 4), nil,
      ]
      if let lengths = item.lengths {
        inputs[4] = try built.constant(Tensor(vector: lengths))
      }
      let attributes: [String: Attribute] = ["direction": .string(item.direction)]
      let outputs = try built.apply(
        item.cell.op,
        inputs,
        attributes,
        outputCount: item.cell.outputCount + (item.cell.reserveOutput == nil ? 0 : 1)
      ).compactMap { $0 }
      forward = outputs
      while inputs.count < item.cell.inputCount { inputs.append(nil) }
      inputs.append(outputs[0])
      if let reserve = item.cell.reserveOutput { inputs.append(outputs[reserve]) }
      inputs.append(try operand([t, d, n, h], 5))
      let back = try built.apply(item.cell.gradientOp, inputs, attributes, outputCount: 4)
        .compactMap { $0 }
      let moved =
        item.isBatchFirst ? try built.apply1("Transpose", [back[0]], permutation) : back[0]
      let shape = try built.constant(Tensor(vector: [Int64(v), Int64(i)]))
      gradients =
        [try built.apply1(.martlet("GatherGradient"), [moved, tokens, shape])] + back.dropFirst()
      graph = built
      feeds = fed
    }
  }

  private static let sizes = (t: 6, n: 3, i: 7, h: 10, v: 5)

  @Test(arguments: cases) func agreesWithTheReference(_ item: Case) throws {
    let network = try Network(item)
    let results = network.forward + network.gradients
    var oracle = ReferenceInterpreter(network.graph)
    let expected = try oracle.run(results, feeds: network.feeds)
    let session = try Session(network.graph)
    let actual = try session.run(results, feeds: network.feeds)
    for (index, (a, b)) in zip(actual, expected).enumerated() {
      #expect(largestError(a, b) <= 2e-5, "result \(index)")
    }
    let plan = try session.prepare(results, inputShapes: network.feeds.mapValues(\.shape))
    #expect(plan.stepNames == [item.cell.op.description, item.cell.gradientOp.description])
  }

  @Test(arguments: cases) func keepsEveryBitOfTheLookup(_ item: Case) throws {
    let network = try Network(item)
    let session = try Session(network.graph)
    let fused = try session.run(network.forward, feeds: network.feeds)
    // The same network with X made beforehand.
    let x = try session.run([network.x], feeds: network.feeds)[0]
    let inputs = network.graph.nodes.first { $0.op == item.cell.op }?.inputs ?? []
    var graph = Graph()
    var operands: [ValueID?] = []
    for (slot, input) in inputs.enumerated() {
      guard let input else {
        operands.append(nil)
        continue
      }
      let value = slot == 0 ? x : try session.run([input], feeds: network.feeds)[0]
      operands.append(try graph.placeholder("p\(slot)", value.dtype, PartialShape(value.shape)))
    }
    let outputs = try graph.apply(
      item.cell.op,
      operands,
      ["direction": .string(item.direction)],
      outputCount: network.forward.count
    ).compactMap { $0 }
    var feeds: [ValueID: Tensor] = [:]
    for (slot, input) in inputs.enumerated() {
      guard let input, let operand = operands[slot] else { continue }
      feeds[operand] = slot == 0 ? x : try session.run([input], feeds: network.feeds)[0]
    }
    let plain = try Session(graph).run(outputs, feeds: feeds)
    for (a, b) in zip(fused, plain) {
      #expect(a.elements(of: Float.self) == b.elements(of: Float.self))
    }
  }

  @Test func refusesTokensOutsideOfTheTable() throws {
    for token: Int64 in [5, -6, .max, .min] {
      let tokens = [Int64](repeating: 0, count: 17) + [token]
      let network = try Network(Case(cell: .gru, isBatchFirst: true), tokens: tokens)
      #expect(throws: GraphError.self) {
        try Session(network.graph).run(network.forward, feeds: network.feeds)
      }
    }
  }

  @Test func keepsALookupThatOthersRead() throws {
    let network = try Network(Case(cell: .lstm, isBatchFirst: true, isConstant: false))
    let results = [network.x] + network.forward
    var oracle = ReferenceInterpreter(network.graph)
    let expected = try oracle.run(results, feeds: network.feeds)
    let actual = try Session(network.graph).run(results, feeds: network.feeds)
    for (a, b) in zip(actual, expected) { #expect(largestError(a, b) <= 2e-5) }
  }
}
