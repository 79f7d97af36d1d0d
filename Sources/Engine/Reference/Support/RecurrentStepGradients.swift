import GraphIR

/// The gradients of one direction's weights, summed over steps and sequences.
struct RecurrentWeightGradients {
  var w: RecurrentMatrix
  var r: RecurrentMatrix
  var bias: [Double]
  var peepholes: [Double]

  init(of weights: RecurrentWeights) {
    w = RecurrentMatrix(zeros: weights.w.rows, weights.w.columns)
    r = RecurrentMatrix(zeros: weights.r.rows, weights.r.columns)
    bias = [Double](repeating: 0, count: weights.bias.count)
    peepholes = [Double](repeating: 0, count: weights.peepholes.count)
  }
}

extension RecurrentWeights {
  /// One step backward: from the gradient of the step's new state to those of its input and of the state before; adds to `gradients`.
  func stepGradient(
    _ step: RecurrentStep,
    _ next: RecurrentState,
    _ gradients: inout RecurrentWeightGradients
  ) -> (x: [Double], previous: RecurrentState) {
    var walk = StepGradient(weights: self, step: step, gradients: gradients)
    switch attributes.cell {
    case .rnn: walk.rnn(next.hidden)
    case .gru: walk.gru(next.hidden)
    case .lstm: walk.lstm(next)
    }
    gradients = walk.gradients
    return (walk.x, walk.previous)
  }
}

/// The chain rule through one step.
private struct StepGradient {
  let weights: RecurrentWeights
  let step: RecurrentStep
  var gradients: RecurrentWeightGradients
  var x: [Double]
  var previous: RecurrentState

  init(weights: RecurrentWeights, step: RecurrentStep, gradients: RecurrentWeightGradients) {
    self.weights = weights
    self.step = step
    self.gradients = gradients
    x = [Double](repeating: 0, count: weights.w.columns)
    let zeros = [Double](repeating: 0, count: weights.hiddenSize)
    previous = RecurrentState(hidden: zeros, cell: zeros)
  }

  /// The gradient of a gate's sum from that of its result.
  private func throughActivation(_ gate: Int, _ function: Int, _ d: [Double]) -> [Double] {
    zip(d, step.sums[gate]).map { $0 * weights.functions[function].slope($1) }
  }

  /// Through x W^T + Wb of a gate.
  private mutating func throughInput(_ gate: Int, _ dSum: [Double]) {
    let rows = weights.rows(gate)
    gradients.w.addOuterProduct(rows: rows, dSum, step.x)
    for (row, d) in zip(rows, dSum) { gradients.bias[row] += d }
    x = zip(x, weights.w.transposedProduct(rows: rows, dSum)).map(+)
  }

  /// Through operand R^T + Rb of a gate; returns the gradient of the operand.
  private mutating func throughRecurrence(
    _ gate: Int,
    _ dSum: [Double],
    of operand: [Double]
  ) -> [Double] {
    let rows = weights.rows(gate)
    gradients.r.addOuterProduct(rows: rows, dSum, operand)
    let biases = weights.rows(weights.attributes.cell.gateCount + gate)
    for (row, d) in zip(biases, dSum) { gradients.bias[row] += d }
    return weights.r.transposedProduct(rows: rows, dSum)
  }

  /// Through a gate whose sum has x W^T + Wb and h R^T + Rb.
  private mutating func throughGate(_ gate: Int, _ dSum: [Double]) {
    throughInput(gate, dSum)
    addHidden(throughRecurrence(gate, dSum, of: step.previous.hidden))
  }

  private mutating func addHidden(_ d: [Double]) {
    previous.hidden = zip(previous.hidden, d).map(+)
  }

  mutating func rnn(_ dHidden: [Double]) {
    throughGate(0, throughActivation(0, 0, dHidden))
  }

  mutating func gru(_ dHidden: [Double]) {
    let h = step.previous.hidden
    let (update, reset, candidate) = (step.gates[0], step.gates[1], step.gates[2])
    addHidden(zip(dHidden, update).map(*))
    let dCandidate = zip(dHidden, update).map { $0 * (1 - $1) }
    let dSum = throughActivation(2, 1, dCandidate)
    throughInput(2, dSum)
    let dReset: [Double]
    if weights.attributes.resetsAfterProduct {
      dReset = zip(dSum, step.resetPart).map(*)
      addHidden(throughRecurrence(2, zip(dSum, reset).map(*), of: h))
    } else {
      let dPart = throughRecurrence(2, dSum, of: step.resetPart)
      dReset = zip(dPart, h).map(*)
      addHidden(zip(dPart, reset).map(*))
    }
    throughGate(1, throughActivation(1, 0, dReset))
    let dUpdate = h.indices.map { dHidden[$0] * (h[$0] - candidate[$0]) }
    throughGate(0, throughActivation(0, 0, dUpdate))
  }

  mutating func lstm(_ next: RecurrentState) {
    let function = weights.functions[2].activation
    let (input, output, forget, candidate) = (
      step.gates[0], step.gates[1], step.gates[2], step.gates[3]
    )
    let before = step.previous.cell
    let cell = step.next.cell
    let dOutput = zip(next.hidden, cell).map { $0 * function.value($1) }
    let dOutputSum = throughActivation(1, 0, dOutput)
    throughGate(1, dOutputSum)
    var dCell = next.cell.indices.map {
      next.cell[$0] + next.hidden[$0] * output[$0] * function.slope(cell[$0])
    }
    dCell = zip(dCell, throughPeephole(1, dOutputSum, to: cell)).map(+)
    previous.cell = zip(dCell, forget).map(*)

    throughGate(3, throughActivation(3, 1, zip(dCell, input).map(*)))
    var dInput = zip(dCell, candidate).map(*)
    let dForget = zip(dCell, before).map(*)
    if weights.attributes.couplesInputAndForget {
      dInput = zip(dInput, dForget).map(-)
    } else {
      let dForgetSum = throughActivation(2, 0, dForget)
      throughGate(2, dForgetSum)
      addCell(throughPeephole(2, dForgetSum, to: before))
    }
    let dInputSum = throughActivation(0, 0, dInput)
    throughGate(0, dInputSum)
    addCell(throughPeephole(0, dInputSum, to: before))
  }

  /// Through the product of a peephole with a cell state; returns the gradient of that state.
  private mutating func throughPeephole(
    _ peephole: Int,
    _ dSum: [Double],
    to cell: [Double]
  ) -> [Double] {
    let rows = weights.rows(peephole)
    for (unit, row) in rows.enumerated() { gradients.peepholes[row] += dSum[unit] * cell[unit] }
    return zip(weights.peepholes[rows], dSum).map(*)
  }

  private mutating func addCell(_ d: [Double]) {
    previous.cell = zip(previous.cell, d).map(+)
  }
}
