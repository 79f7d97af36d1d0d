import GraphIR
import Tensors
import TestSupport
import Testing

@testable import Engine

/// The recurrent kernels and their gradients against the reference interpreter, for every combination of what the operators allow.
@Suite struct RecurrentLoweringTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var cell: RecurrentCell
    var direction = "forward"
    var t = 4
    var n = 3
    var i = 5
    var h = 19
    var lengths: [Int32]?
    var hasBias = true
    var hasStates = true
    var hasPeepholes = false
    var resetsAfterProduct = false
    var functions: [String] = []

    var directions: Int { direction == "bidirectional" ? 2 : 1 }

    var testDescription: String {
      "\(cell) \(direction) T\(t) N\(n) I\(i) H\(h) \(lengths.map { "\($0)" } ?? "")"
        + "\(hasBias ? " bias" : "")\(hasStates ? " states" : "")\(hasPeepholes ? " peepholes" : "")"
        + "\(resetsAfterProduct ? " after" : "") \(functions.joined(separator: ","))"
    }
  }

  static let cases: [Case] = RecurrentCell.allCases.flatMap { cell in
    ["forward", "reverse", "bidirectional"].flatMap { direction in
      [
        Case(cell: cell, direction: direction),
        Case(cell: cell, direction: direction, hasBias: false, hasStates: false),
        Case(cell: cell, direction: direction, lengths: [4, 0, 2]),
        Case(cell: cell, direction: direction, lengths: [1, 3, 4], hasStates: false),
        Case(
          cell: cell,
          direction: direction,
          hasPeepholes: true,
          resetsAfterProduct: true
        ),
        Case(
          cell: cell,
          direction: direction,
          lengths: [2, 4, 3],
          hasPeepholes: true,
          resetsAfterProduct: true
        ),
      ]
    } + [
      Case(cell: cell, t: 1, n: 1, h: 1),
      Case(cell: cell, direction: "bidirectional", t: 1, n: 2, i: 1, h: 16),
      Case(cell: cell, t: 3, n: 33, i: 40, h: 48),
      // All gates of a row together are whole pages of floats.
      Case(cell: cell, t: 3, n: 2, i: 3, h: cell == .rnn ? 512 : 128),
      Case(cell: cell, t: 300, n: 1, i: 3, h: 8),
      Case(cell: cell, t: 0, n: 2),
      Case(
        cell: cell,
        resetsAfterProduct: true,
        functions: cell == .rnn
          ? ["Relu"] : cell == .gru ? ["Relu", "Sigmoid"] : ["Tanh", "Relu", "Sigmoid"]
      ),
    ]
  }

  /// The forward operator with all its results, and its gradient with all of its own.
  private struct Network {
    var graph = Graph()
    var feeds: [ValueID: Tensor] = [:]
    var results: [ValueID] = []

    init(_ item: Case) throws {
      let (d, g) = (item.directions, item.cell.gateCount)
      var seed: UInt64 = 1
      func feed(_ shape: Shape) throws -> ValueID {
        seed += 1
        let id = try graph.placeholder("x\(seed)", .float32, PartialShape(shape))
        feeds[id] = .random(shape, seed: seed, in: -0.7...0.7)
        return id
      }
      let state: Shape = [d, item.n, item.h]
      var inputs: [ValueID?] = [
        try feed([item.t, item.n, item.i]), try feed([d, g * item.h, item.i]),
        try feed([d, g * item.h, item.h]), item.hasBias ? try feed([d, 2 * g * item.h]) : nil, nil,
        item.hasStates ? try feed(state) : nil,
      ]
      if let lengths = item.lengths {
        let id = try graph.placeholder("lengths", .int32, [.known(item.n)])
        feeds[id] = Tensor(vector: lengths)
        inputs[RecurrentCell.Operand.lengths] = id
      }
      if item.cell == .lstm {
        inputs.append(item.hasStates ? try feed(state) : nil)
        inputs.append(item.hasPeepholes ? try feed([d, 3 * item.h]) : nil)
      }
      var attributes: [String: Attribute] = [
        "hidden_size": .int(item.h), "direction": .string(item.direction),
      ]
      if item.cell == .gru, item.resetsAfterProduct { attributes["linear_before_reset"] = .int(1) }
      if !item.functions.isEmpty { attributes["activations"] = .strings(item.functions) }
      let outputs = try graph.apply(
        item.cell.op,
        inputs,
        attributes,
        outputCount: item.cell.outputCount + (item.cell.reserveOutput == nil ? 0 : 1)
      ).compactMap { $0 }
      var operands = inputs + [outputs[0]]
      if let reserve = item.cell.reserveOutput { operands.append(outputs[reserve]) }
      operands.append(try feed([item.t, d, item.n, item.h]))
      operands.append(item.hasStates ? try feed(state) : nil)
      if item.cell == .lstm { operands.append(item.hasStates ? try feed(state) : nil) }
      while operands.last == .some(nil) { operands.removeLast() }
      let gradients = try graph.apply(
        item.cell.gradientOp,
        operands,
        attributes,
        outputCount: item.cell.differentiatedOperands.count
      ).compactMap { $0 }
      results = outputs + gradients
    }
  }

  @Test(arguments: cases) func agreesWithTheReference(_ item: Case) throws {
    let network = try Network(item)
    var oracle = ReferenceInterpreter(network.graph)
    let expected = try oracle.run(network.results, feeds: network.feeds)
    let session = try Session(network.graph)
    let actual = try session.run(network.results, feeds: network.feeds)
    for (index, (a, b)) in zip(actual, expected).enumerated() {
      #expect(largestError(a, b) <= 2e-5, "result \(index)")
    }
    let plan = try session.prepare(
      network.results,
      inputShapes: network.feeds.mapValues(\.shape)
    )
    #expect(plan.stepNames.allSatisfy { !$0.contains("reference") }, "\(plan.stepNames)")
  }

  @Test(arguments: cases) func threadsDoNotChangeABit(_ item: Case) throws {
    let network = try Network(item)
    let one = try Session(network.graph).run(network.results, feeds: network.feeds)
    let three = try Session(network.graph, options: SessionOptions(threads: 3))
      .run(network.results, feeds: network.feeds)
    for (a, b) in zip(one, three) {
      #expect(a.elements(of: Float.self) == b.elements(of: Float.self))
    }
  }

  @Test func refusesLengthsOutsideOfTheSequence() throws {
    for lengths: [Int32] in [[4, 5, 0], [-1, 2, 3]] {
      let network = try Network(Case(cell: .gru, lengths: lengths))
      #expect(throws: GraphError.self) {
        try Session(network.graph).run(network.results, feeds: network.feeds)
      }
    }
  }

  @Test func clipRunsOnTheReference() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [2, 1, 3])
    let w = try graph.constant(.random([1, 4, 3], seed: 1))
    let r = try graph.constant(.random([1, 4, 4], seed: 2))
    let y = try graph.apply1("RNN", [x, w, r], ["hidden_size": .int(4), "clip": .float(0.1)])
    let plan = try Session(graph).prepare([y], inputShapes: [x: [2, 1, 3]])
    #expect(plan.stepNames == ["RNN (reference)"])
  }
}
