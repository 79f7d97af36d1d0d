import Engine
import Glibc
import GraphIR
import NN
import TestSupport
import Tensors
import Testing

@Suite struct CellFormulaTests {
  private let batch = Tensor.random([3, 4, 2], seed: 77)

  @Test func anLSTMWrittenAsAScanEqualsTheFormula() throws {
    let test = try CellCase(LSTMCell(units: 2))
    let (w, r) = (try test.matrix("input_weight"), try test.matrix("recurrent_weight"))
    let b = try test.vector("bias")
    var expected: [Double] = []
    var lastCells: [Double] = []
    for row in sequences(batch) {
      var (h, c) = ([0.0, 0], [0.0, 0])
      for x in row {
        let (new, gate) = cellState(sum(product(x, w), product(h, r), b), c)
        c = new
        h = zip(gate, c).map { $0 * tanh($1) }
        expected += h
      }
      lastCells += c
    }
    let state = try #require(test.output.states[0].cell)
    let found = try test.run([test.output.steps, state], batch)
    #expect(largestDifference(found[0], expected) < 1e-12)
    #expect(largestDifference(found[1], lastCells) < 1e-12)
  }

  @Test func aLayerNormLSTMEqualsEquations20To22() throws {
    let test = try CellCase(LayerNormLSTMCell(units: 3))
    let (w, r) = (try test.matrix("input_weight"), try test.matrix("recurrent_weight"))
    let (b, first) = (try test.vector("bias"), try test.vector("input_scale"))
    let second = try test.vector("recurrent_scale")
    let (scale, bias) = (try test.vector("cell_scale"), try test.vector("cell_bias"))
    var expected: [Double] = []
    for row in sequences(batch) {
      var (h, c) = ([0.0, 0, 0], [0.0, 0, 0])
      for x in row {
        let sums = sum(
          layerNorm(product(x, w), first),
          layerNorm(product(h, r), second),
          b
        )
        let (new, gate) = cellState(sums, c)
        c = new
        h = zip(gate, layerNorm(c, scale, bias)).map { $0 * tanh($1) }
        expected += h
      }
    }
    let found = try test.run([test.output.steps], batch)[0]
    #expect(largestDifference(found, expected) < 1e-9)
  }

  /// Steps of recurrent batch normalisation in training: h of every step [T][N][H], and the batch's statistics of h R^T and c' in each.
  private func batchNormLSTM(
    _ test: CellCase
  ) throws -> (steps: [[[Double]]], recurrent: [[[Double]]], cells: [[[Double]]]) {
    let (w, r) = (try test.matrix("input_weight"), try test.matrix("recurrent_weight"))
    let (b, first) = (try test.vector("bias"), try test.vector("input_scale"))
    let second = try test.vector("recurrent_scale")
    let (scale, bias) = (try test.vector("cell_scale"), try test.vector("cell_bias"))
    let rows = sequences(batch)
    var h = [[Double]](repeating: [0, 0], count: 3)
    var c = h
    var result: (steps: [[[Double]]], recurrent: [[[Double]]], cells: [[[Double]]]) = ([], [], [])
    for t in 0..<4 {
      let inputs = batchNorm(rows.map { product($0[t], w) }, first)
      let products = h.map { product($0, r) }
      let recurrent = batchNorm(products, second)
      var gates: [[Double]] = []
      for n in 0..<3 {
        let (new, gate) = cellState(sum(inputs[n], recurrent[n], b), c[n])
        c[n] = new
        gates.append(gate)
      }
      let normalized = batchNorm(c, scale, bias)
      for n in 0..<3 { h[n] = zip(gates[n], normalized[n]).map { $0 * tanh($1) } }
      result.steps.append(h)
      result.recurrent.append(products)
      result.cells.append(c)
    }
    return result
  }

  @Test func recurrentBatchNormEqualsTheFormulaInTraining() throws {
    let test = try CellCase(BatchNormLSTMCell(units: 2, statisticsSteps: 6))
    let expected = try batchNormLSTM(test)
    let found = try test.run([test.output.steps], batch)[0]
    let flat = (0..<3).flatMap { n in (0..<4).flatMap { expected.steps[$0][n] } }
    #expect(largestDifference(found, flat) < 1e-9)
  }

  @Test func recurrentBatchNormMovesTheStatisticsOfEachStep() throws {
    // Rows for 3 of the 4 steps, then for 6.
    for rows in [3, 6] {
      let test = try CellCase(BatchNormLSTMCell(units: 2, statisticsSteps: rows))
      let expected = try batchNormLSTM(test)
      let before = try test.matrix("cell_variance")
      let beforeMean = try test.matrix("recurrent_mean")
      var interpreter = ReferenceInterpreter(test.context.graph, precision: .double)
      _ = try interpreter.run(
        [test.output.steps] + test.context.updates,
        feeds: [test.x: batch]
      )
      let (variances, means) = (
        try test.variable("cell_variance"), try test.variable("recurrent_mean")
      )
      let moved = numbers(try #require(interpreter.variables[variances]))
      let movedMean = numbers(try #require(interpreter.variables[means]))
      for t in 0..<rows {
        for unit in 0..<2 {
          let old = before[t][unit]
          let new = t < 4 ? variance(expected.cells[t].map { $0[unit] }) : 0
          let wanted = t < 4 ? Double(Float(0.9)) * old + Double(Float(1) - 0.9) * new : old
          #expect(abs(moved[t * 2 + unit] - wanted) < 1e-9)
        }
        for gate in 0..<8 {
          let old = beforeMean[t][gate]
          let new = t < 4 ? mean(expected.recurrent[t].map { $0[gate] }) : 0
          let wanted = t < 4 ? Double(Float(0.9)) * old + Double(Float(1) - 0.9) * new : old
          #expect(abs(movedMean[t * 8 + gate] - wanted) < 1e-9)
        }
      }
    }
  }

  @Test func recurrentBatchNormUsesTheMovingStatisticsOfItsStepInInference() throws {
    let test = try CellCase(BatchNormLSTMCell(units: 2, statisticsSteps: 3), mode: .inference)
    let (w, r) = (try test.matrix("input_weight"), try test.matrix("recurrent_weight"))
    let b = try test.vector("bias")
    func normalized(_ z: [Double], _ name: String, _ t: Int) throws -> [Double] {
      // The fourth step shares the last row.
      let row = min(t, 2)
      let (mean, variance) = (
        try test.matrix("\(name)_mean")[row], try test.matrix("\(name)_variance")[row]
      )
      let scale = try test.vector("\(name)_scale")
      return z.indices.map {
        scale[$0] * (z[$0] - mean[$0]) / (variance[$0] + Double(Float(1e-5))).squareRoot()
      }
    }
    var expected: [Double] = []
    for row in sequences(batch) {
      var (h, c) = ([0.0, 0], [0.0, 0])
      for (t, x) in row.enumerated() {
        let input = try normalized(product(x, w), "input", t)
        let recurrent = try normalized(product(h, r), "recurrent", t)
        let (new, gate) = cellState(sum(input, recurrent, b), c)
        c = new
        let shifted = sum(try normalized(c, "cell", t), try test.vector("cell_bias"))
        h = zip(gate, shifted).map { $0 * tanh($1) }
        expected += h
      }
    }
    let found = try test.run([test.output.steps], batch)[0]
    #expect(largestDifference(found, expected) < 1e-9)
  }

  @Test func recurrentBatchNormStartsWithScalesOfATenth() throws {
    var context = LayerContext(mode: .training)
    let x = try context.graph.placeholder("x", .float32, ["N", "T", 2])
    _ = try CellLayer("cell", BatchNormLSTMCell(units: 2, statisticsSteps: 2))(x, in: &context)
    for name in ["input_scale", "recurrent_scale", "cell_scale"] {
      let id = try #require(context.graph.value(named: "cell/\(name)"))
      guard case .variable(let tensor, true) = context.graph[id].source else {
        Issue.record("\(name) is not trained")
        continue
      }
      #expect(tensor.elements(of: Float.self).allSatisfy { $0 == 0.1 })
    }
  }

  /// Laurent: only the input's product, with one mean for all steps and sequences.
  @Test func theBatchNormalisedRNNNormalisesTheInputOverBatchAndTime() throws {
    let test = try CellCase(RNNCell(units: 2, normalization: BatchNorm("normalization")))
    let (w, r) = (try test.matrix("input_weight"), try test.matrix("recurrent_weight"))
    let rows = sequences(batch)
    let inputs = batchNorm(
      rows.flatMap { $0.map { product($0, w) } },
      try test.vector("normalization/scale"),
      try test.vector("normalization/bias")
    )
    var expected: [Double] = []
    for n in 0..<3 {
      var h = [0.0, 0]
      for t in 0..<4 {
        h = sum(inputs[n * 4 + t], product(h, r), try test.vector("bias")).map { tanh($0) }
        expected += h
      }
    }
    let found = try test.run([test.output.steps], batch)[0]
    #expect(largestDifference(found, expected) < 1e-9)
    // In inference the moving statistics take the place of the batch's.
    let served = try CellCase(
      RNNCell(units: 2, normalization: BatchNorm("normalization")),
      mode: .inference
    )
    #expect(largestDifference(try served.run([served.output.steps], batch)[0], expected) > 1e-3)
  }

  @Test func oneMaskOfVariationalDropoutHoldsForAWholeSequence() throws {
    // With x = 0, R = 1 and no activation h is multiplied by the mask in every step: 2^t where it is kept.
    var context = LayerContext(mode: .training)
    let x = try context.graph.placeholder("x", .float32, [8, 5, 1])
    let ones = try context.graph.constant(Tensor(repeating: Float(1), [8, 16]))
    let cell = RNNCell(units: 16, activation: .identity, recurrentDropout: 0.5)
    let output = try CellLayer("cell", cell)(
      x,
      initial: RecurrentState(hidden: ones),
      in: &context
    )
    let weight = try #require(context.graph.value(named: "cell/recurrent_weight"))
    var identity = [Float](repeating: 0, count: 256)
    for index in 0..<16 { identity[index * 17] = 1 }
    try context.graph.setInitialValue(of: weight, to: Tensor(identity, [16, 16]))
    let session = try Session(context.graph)
    let feeds = [x: Tensor(zeros: .float32, [8, 5, 1])]
    let first = numbers(try session.run([output.steps], feeds: feeds)[0])
    for n in 0..<8 {
      for unit in 0..<16 {
        let path = (0..<5).map { first[(n * 5 + $0) * 16 + unit] }
        #expect(path == [2, 4, 8, 16, 32] || path == [0, 0, 0, 0, 0])
      }
    }
    #expect(Set(first).count == 6)
    // Sequences have masks of their own, and so have runs.
    let rows = Set((0..<8).map { Array(first[$0 * 80..<$0 * 80 + 16]) })
    #expect(rows.count > 4)
    #expect(numbers(try session.run([output.steps], feeds: feeds)[0]) != first)
  }

  @Test func inferenceHasNoDropout() throws {
    for cell: any StepCell in [
      LSTMCell(units: 2, recurrentDropout: 0.5), GRUCell(units: 2, recurrentDropout: 0.5),
      LayerNormLSTMCell(units: 2, recurrentDropout: 0.5),
    ] {
      let training = try CellCase(cell)
      let inference = try CellCase(cell, mode: .inference)
      #expect(training.context.graph.nodes.contains { $0.isRandom })
      #expect(!inference.context.graph.nodes.contains { $0.isRandom })
    }
  }

  @Test func behindTheEndOfASequenceNothingChanges() throws {
    for isReversed in [false, true] {
      let masked = try CellCase(
        LSTMCell(units: 2),
        isReversed: isReversed,
        lengths: [4, 1, 2]
      )
      let found = try masked.run([masked.output.steps, masked.output.states[0].hidden], batch)
      for (n, length) in [4, 1, 2].enumerated() {
        // The sequence alone, cut to its length.
        let alone = try CellCase(LSTMCell(units: 2), isReversed: isReversed)
        let row = sequences(batch)[n].prefix(length).flatMap { $0 }
        let cut = Tensor(row.map { Float($0) }, [1, length, 2])
        let expected = try alone.run([alone.output.steps, alone.output.states[0].hidden], cut)
        let padded = expected[0] + [Double](repeating: 0, count: (4 - length) * 2)
        #expect(largestDifference(Array(found[0][n * 8..<n * 8 + 8]), padded) < 1e-12)
        #expect(largestDifference(Array(found[1][n * 2..<n * 2 + 2]), expected[1]) < 1e-12)
      }
    }
  }
}
