import Engine
import GraphIR
import NN
import TestSupport
import Tensors
import Testing

@Suite struct RecurrentTests {
  /// (cell, direction, variables for I = 2, H = 3).
  static let cells: [(RecurrentCell, RecurrentAttributes.Direction, Int)] = [
    (.rnn, .forward, 3 * (2 + 3 + 2)), (.rnn, .bidirectional, 2 * 3 * (2 + 3 + 2)),
    (.gru, .forward, 9 * (2 + 3 + 2)), (.gru, .reverse, 9 * (2 + 3 + 2)),
    (.lstm, .forward, 12 * (2 + 3 + 2)), (.lstm, .bidirectional, 24 * (2 + 3 + 2)),
  ]

  @Test(arguments: cells)
  func everyCellHoldsWhatALayerMust(
    _ cell: RecurrentCell,
    _ direction: RecurrentAttributes.Direction,
    _ parameters: Int
  ) throws {
    try checkLayer(input: [4, 2], output: [4, 3 * direction.count], parameterCount: parameters) {
      try Recurrent("cell", cell, units: 3, direction: direction)($0, in: &$1).steps
    }
    try checkLayer(input: [4, 2], output: [3 * direction.count], parameterCount: parameters) {
      try Recurrent("cell", cell, units: 3, direction: direction)($0, in: &$1).states[0].hidden
    }
  }

  @Test func peepholesAndAResetBeforeTheProductAreOptions() throws {
    try checkLayer(input: [3, 2], output: [3, 3], parameterCount: 12 * 7 + 9) {
      try Recurrent("cell", .lstm, units: 3, hasPeepholes: true)($0, in: &$1).steps
    }
    try checkLayer(input: [3, 2], output: [3, 3], parameterCount: 9 * 7) {
      try Recurrent("cell", .gru, units: 3, resetsAfterProduct: false)($0, in: &$1).steps
    }
  }

  @Test func initialValuesFollowTheirPapers() throws {
    var context = LayerContext(mode: .training, seed: 5)
    let x = try context.graph.placeholder("x", .float32, ["N", "T", 2])
    _ = try Recurrent("cell", .lstm, units: 3, direction: .bidirectional)(x, in: &context)
    let session = try Session(context.graph)
    func value(_ name: String) throws -> [Float] {
      try session.value(of: #require(context.graph.value(named: "cell/\(name)"))).elements()
    }
    // Every gate's matrix [3, 3] of R is orthogonal.
    let r = try value("recurrent_weight")
    for gate in 0..<8 {
      for (a, b) in [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)] {
        let product = (0..<3).reduce(Float(0)) {
          $0 + r[gate * 9 + a * 3 + $1] * r[gate * 9 + b * 3 + $1]
        }
        #expect(abs(product - (a == b ? 1 : 0)) < 1e-6)
      }
    }
    #expect(r[0..<9] != r[9..<18])
    // Of W's biases i, o, f, c, then R's, only f has 1.
    let ones = [0, 0, 1, 0, 0, 0, 0, 0].flatMap { [Float](repeating: $0, count: 3) }
    #expect(try value("bias") == ones + ones)
    let limit = (Float(6) / 5).squareRoot()
    #expect(try value("input_weight").allSatisfy { abs($0) <= limit })
    #expect(
      context.decayedVariables.map { context.graph[$0].name }.sorted() == [
        "cell/input_weight", "cell/recurrent_weight",
      ]
    )
  }

  /// h' = R' h with R' the same at both steps, and another at the next run.
  @Test func recurrentDropoutLeavesOutWeightsOnceForAllSteps() throws {
    var context = LayerContext(mode: .training, seed: 6)
    let x = try context.graph.placeholder("x", .float32, ["N", 2, 1])
    let h = try context.graph.placeholder("h", .float32, ["N", 8])
    let layer = Recurrent("cell", .rnn, units: 8, activation: .affine, recurrentDropout: 0.5)
    let output = try layer(x, initial: RecurrentState(hidden: h), in: &context)
    let dropout = try #require(context.graph.nodes.first { $0.op == "Dropout" })
    let dropped = try #require(dropout.outputs.first ?? nil)
    let session = try Session(context.graph)
    let feeds = [x: Tensor(zeros: .float32, [1, 2, 1]), h: numbers([1, 8])]
    var runs: [[Float]] = []
    for _ in 0..<2 {
      let results = try session.run([output.steps, dropped], feeds: feeds)
      let (y, r) = (results[0].elements(of: Float.self), results[1].elements(of: Float.self))
      var state = numbers([1, 8]).elements(of: Float.self)
      for step in 0..<2 {
        state = (0..<8).map { row in (0..<8).reduce(0) { $0 + r[row * 8 + $1] * state[$1] } }
        #expect(zip(state, y[step * 8..<(step + 1) * 8]).allSatisfy { abs($0 - $1) < 1e-5 })
      }
      #expect((10...54).contains(r.filter { $0 == 0 }.count))
      runs.append(r)
    }
    #expect(runs[0] != runs[1])
  }

  @Test func aStackGivesPyTorchsResults() throws {
    try compareStack(SequenceFixtures.lstm, .lstm, units: 3, .bidirectional, lengths: [4, 1, 3])
    try compareStack(SequenceFixtures.gru, .gru, units: 4, .forward, lengths: [2, 4, 3])
  }

  private func compareStack(
    _ fixture: [String: FixtureTensor],
    _ cell: RecurrentCell,
    units: Int,
    _ direction: RecurrentAttributes.Direction,
    lengths: [Int32]
  ) throws {
    func tensor(_ name: String) throws -> Tensor { try #require(fixture[name]).tensor() }
    var context = LayerContext(mode: .inference)
    var feeds: [ValueID: Tensor] = [:]
    func input(_ name: String) throws -> ValueID {
      let value = try tensor(name)
      let id = try context.graph.placeholder(name, .float32, PartialShape(value.shape))
      feeds[id] = value
      return id
    }
    let x = try input("x")
    let length = try context.graph.placeholder("lengths", .int32, [3])
    feeds[length] = Tensor(vector: lengths)
    let isLSTM = cell == .lstm
    let initial = try (0..<2).map { layer in
      RecurrentState(
        hidden: try input("initial_hidden_\(layer)"),
        cell: isLSTM ? try input("initial_cell_\(layer)") : nil
      )
    }
    let layer = Recurrent("stack", cell, units: units, direction: direction)
    let output = try RecurrentStack(layer, depth: 2)(
      x,
      lengths: length,
      initial: initial,
      in: &context
    )
    try context.assign(fixture)
    let states = output.states.flatMap { [$0.hidden] + ($0.cell.map { [$0] } ?? []) }
    let results = try context.results([output.steps] + states, feeds)
    let kinds = isLSTM ? ["hidden", "cell"] : ["hidden"]
    let names = ["y"] + (0..<2).flatMap { layer in kinds.map { "final_\($0)_\(layer)" } }
    #expect(results.count == names.count)
    for (result, name) in zip(results, names) {
      #expect(largestError(result, try tensor(name)) <= 1e-5, "\(name)")
    }
  }

  @Test func directionsMayBeSummed() throws {
    let layer = Recurrent("stack", .gru, units: 3, direction: .bidirectional)
    // The second layer reads 3 numbers, not 6.
    try checkLayer(input: [3, 2], output: [3, 3], parameterCount: 18 * 7 + 18 * 8) {
      try RecurrentStack(layer, depth: 2, merge: .sum)($0, in: &$1).steps
    }
  }

  @Test func dropoutActsBetweenTheLayersOfAStack() throws {
    for (mask, depth, count) in [
      (SequenceDropout.Mask.everyStep, 3, 2), (.shared, 3, 2), (.shared, 1, 0),
    ] {
      var context = LayerContext(mode: .training)
      let x = try context.graph.placeholder("x", .float32, ["N", "T", 2])
      let stack = RecurrentStack(
        Recurrent("stack", .gru, units: 2),
        depth: depth,
        dropout: SequenceDropout(0.5, mask: mask)
      )
      let y = try stack(x, in: &context).steps
      #expect(context.graph[y].type.shape.dimensions?.last == 2)
      #expect(context.graph.nodes.filter { $0.op == "Dropout" }.count == count)
    }
  }

  @Test func aStackNeedsAStateForEachLayer() throws {
    var context = LayerContext(mode: .inference)
    let x = try context.graph.placeholder("x", .float32, ["N", "T", 2])
    let h = try context.graph.placeholder("h", .float32, ["N", 2])
    let stack = RecurrentStack(Recurrent("stack", .rnn, units: 2), depth: 2)
    let error = #expect(throws: GraphError.self) {
      try stack(x, initial: [RecurrentState(hidden: h)], in: &context)
    }
    #expect("\(try #require(error))".contains("1 initial states for 2 layers"))
  }
}
