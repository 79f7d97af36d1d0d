import GraphIR
import Tensors

/// What a recurrent cell carries from step to step: h [H] and, for LSTM, c [H].
struct RecurrentState {
  var hidden: [Double]
  var cell: [Double]
}

/// One step of one sequence: everything that its gradient needs.
struct RecurrentStep {
  let x: [Double]
  let previous: RecurrentState
  let next: RecurrentState
  /// By gate, what enters its activation, before the clip.
  let sums: [[Double]]
  /// By gate, what its activation gives.
  let gates: [[Double]]
  /// GRU: h Rh^T + Rbh with linear_before_reset, r * h without.
  let resetPart: [Double]

  /// What the operator's result `reserve` holds for this step.
  var reserve: [Double] {
    gates.flatMap { $0 } + (resetPart.isEmpty ? next.cell : resetPart)
  }
}

/// The weights of one direction, and the formulas of `OperatorRegistry.recurrent` for one step.
struct RecurrentWeights {
  let attributes: RecurrentAttributes
  let hiddenSize: Int
  let w: RecurrentMatrix
  let r: RecurrentMatrix
  /// B: the biases of W, then those of R.
  let bias: [Double]
  /// P: for i, o and f.
  let peepholes: [Double]
  let functions: [ClippedActivation]
  /// The element type that states are rounded to after every step, so that a sequence may be cut anywhere without changing a bit.
  let dtype: DType

  /// The rows of a gate in W, R and in each half of B.
  func rows(_ gate: Int) -> Range<Int> { gate * hiddenSize..<(gate + 1) * hiddenSize }

  func inputBias(_ gate: Int) -> ArraySlice<Double> { bias[rows(gate)] }

  func recurrentBias(_ gate: Int) -> ArraySlice<Double> {
    bias[rows(attributes.cell.gateCount + gate)]
  }

  /// One step forward.
  func step(_ x: [Double], from state: RecurrentState) -> RecurrentStep {
    switch attributes.cell {
    case .rnn: rnn(x, state)
    case .gru: gru(x, state)
    case .lstm: lstm(x, state)
    }
  }

  /// x W^T + Wb of a gate.
  private func inputSum(_ gate: Int, _ x: [Double]) -> [Double] {
    zip(w.product(rows: rows(gate), x), inputBias(gate)).map(+)
  }

  /// h R^T + Rb of a gate.
  private func stateSum(_ gate: Int, _ h: [Double]) -> [Double] {
    zip(r.product(rows: rows(gate), h), recurrentBias(gate)).map(+)
  }

  private func rounded(_ values: [Double]) -> [Double] {
    dtype == .float64 ? values : Double.store(values, as: dtype, [values.count]).doubles
  }

  private func rnn(_ x: [Double], _ state: RecurrentState) -> RecurrentStep {
    let sum = zip(inputSum(0, x), stateSum(0, state.hidden)).map(+)
    let hidden = sum.map(functions[0].value)
    return RecurrentStep(
      x: x,
      previous: state,
      next: RecurrentState(hidden: rounded(hidden), cell: []),
      sums: [sum],
      gates: [hidden],
      resetPart: []
    )
  }

  private func gru(_ x: [Double], _ state: RecurrentState) -> RecurrentStep {
    let (f, g) = (functions[0], functions[1])
    let h = state.hidden
    let updateSum = zip(inputSum(0, x), stateSum(0, h)).map(+)
    let resetSum = zip(inputSum(1, x), stateSum(1, h)).map(+)
    let (update, reset) = (updateSum.map(f.value), resetSum.map(f.value))
    let resetPart: [Double]
    let candidateSum: [Double]
    if attributes.resetsAfterProduct {
      resetPart = stateSum(2, h)
      candidateSum = zip(inputSum(2, x), zip(reset, resetPart).map(*)).map(+)
    } else {
      resetPart = zip(reset, h).map(*)
      candidateSum = zip(inputSum(2, x), stateSum(2, resetPart)).map(+)
    }
    let candidate = candidateSum.map(g.value)
    let next = h.indices.map { (1 - update[$0]) * candidate[$0] + update[$0] * h[$0] }
    return RecurrentStep(
      x: x,
      previous: state,
      next: RecurrentState(hidden: rounded(next), cell: []),
      sums: [updateSum, resetSum, candidateSum],
      gates: [update, reset, candidate],
      resetPart: resetPart
    )
  }

  private func lstm(_ x: [Double], _ state: RecurrentState) -> RecurrentStep {
    let (f, g, h) = (functions[0], functions[1], functions[2].activation)
    /// A gate's sum, with the peephole to a cell state.
    func sum(_ gate: Int, peephole: Int? = nil, _ cell: [Double] = []) -> [Double] {
      let plain = zip(inputSum(gate, x), stateSum(gate, state.hidden)).map(+)
      guard let peephole else { return plain }
      return zip(plain, zip(peepholes[rows(peephole)], cell).map(*)).map(+)
    }
    let inSum = sum(0, peephole: 0, state.cell)
    let forgetSum = sum(2, peephole: 2, state.cell)
    let candidateSum = sum(3)
    let input = inSum.map(f.value)
    let forget =
      attributes.couplesInputAndForget ? input.map { 1 - $0 } : forgetSum.map(f.value)
    let candidate = candidateSum.map(g.value)
    let cell = rounded(
      candidate.indices.map { forget[$0] * state.cell[$0] + input[$0] * candidate[$0] }
    )
    let outputSum = sum(1, peephole: 1, cell)
    let output = outputSum.map(f.value)
    return RecurrentStep(
      x: x,
      previous: state,
      next: RecurrentState(
        hidden: rounded(zip(output, cell).map { $0 * h.value($1) }),
        cell: cell
      ),
      sums: [inSum, outputSum, forgetSum, candidateSum],
      gates: [input, output, forget, candidate],
      resetPart: []
    )
  }
}
