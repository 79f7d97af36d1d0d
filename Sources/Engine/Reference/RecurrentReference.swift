import GraphIR
import Tensors

extension ReferenceOperators {
  static let recurrent: [OperatorName: ReferenceFunction] = RecurrentCell.allCases.reduce(
    into: [:]
  ) { table, cell in
    table[cell.op] = { call in try RecurrentRun(call).forward() }
    table[cell.gradientOp] = { call in try RecurrentRun(call).gradients() }
  }
}

/// One evaluation of a recurrent operator or of its gradient: every sequence of every direction walks alone, step by step.
///
/// The gradient computes the forward steps once more, so it reads neither Y nor `reserve`.
private struct RecurrentRun {
  private typealias Operand = RecurrentCell.Operand

  private let call: ReferenceCall
  private let attributes: RecurrentAttributes
  /// Of every result, checked against the operands.
  private let shapes: [Shape]
  private let dtype: DType
  /// T, N, I, D, H.
  private let (steps, batch, inputs, directions, hidden): (Int, Int, Int, Int, Int)
  private let lengths: [Int]
  private let x: [Double]

  init(_ call: ReferenceCall) throws {
    self.call = call
    attributes = try RecurrentAttributes(call.node)
    guard let definition = OperatorRegistry.definition(of: call.node.op) else {
      throw GraphError.unknownOperator(call.node.op, node: call.node.name)
    }
    let types = try definition.outputTypes(
      of: call.node,
      inputTypes: call.inputs.map { tensor in
        tensor.map { ValueType($0.dtype, PartialShape($0.shape)) }
      },
      inputValues: call.inputs
    )
    shapes = try types.map { type in
      guard let shape = type.shape.concrete else {
        throw call.error("\(type) is too large")
      }
      return shape
    }
    let (x, r) = (try call.input(Operand.x), try call.input(Operand.r))
    dtype = x.dtype
    self.x = x.doubles
    (steps, batch, inputs) = (x.shape[0], x.shape[1], x.shape[2])
    (directions, hidden) = (r.shape[0], r.shape[2])
    let (steps, batch) = (steps, batch)
    lengths =
      try call.optionalIntegers(Operand.lengths) ?? [Int](repeating: steps, count: batch)
    guard let wrong = lengths.first(where: { !(0...steps).contains($0) }) else { return }
    throw call.error("sequence_lens has \(wrong), expected 0 to \(steps), the number of steps")
  }

  /// The numbers of an operand, zeros where it is left out.
  private func numbers(_ input: Int?, count: Int) -> [Double] {
    input.flatMap { call.optionalInput($0)?.doubles } ?? [Double](repeating: 0, count: count)
  }

  /// The weights of each direction.
  private func weights() throws -> [RecurrentWeights] {
    let gates = attributes.cell.gateCount * hidden
    let (w, r) = (try call.input(Operand.w).doubles, try call.input(Operand.r).doubles)
    let bias = numbers(Operand.bias, count: directions * 2 * gates)
    let isLSTM = attributes.cell == .lstm
    let peepholes = numbers(isLSTM ? Operand.peepholes : nil, count: directions * 3 * hidden)
    return (0..<directions).map { d in
      RecurrentWeights(
        attributes: attributes,
        hiddenSize: hidden,
        w: RecurrentMatrix(
          w[d * gates * inputs..<(d + 1) * gates * inputs],
          rows: gates,
          columns: inputs
        ),
        r: RecurrentMatrix(
          r[d * gates * hidden..<(d + 1) * gates * hidden],
          rows: gates,
          columns: hidden
        ),
        bias: Array(bias[2 * d * gates..<2 * (d + 1) * gates]),
        peepholes: Array(peepholes[3 * d * hidden..<3 * (d + 1) * hidden]),
        functions: attributes.activations[d].map {
          ClippedActivation(activation: $0, clip: attributes.clip.map(Double.init))
        },
        dtype: dtype
      )
    }
  }

  /// Where the hidden units of a step, direction and sequence stand in a tensor [T, D, N, width H].
  private func range(_ t: Int, _ d: Int, _ n: Int, width: Int = 1) -> Range<Int> {
    let start = ((t * directions + d) * batch + n) * hidden * width
    return start..<start + hidden * width
  }

  /// The time steps of a sequence in the order of a direction.
  private func order(_ d: Int, _ n: Int) -> [Int] {
    let forward = Array(0..<lengths[n])
    return attributes.direction.isReverse(d) ? forward.reversed() : forward
  }

  /// The steps of one sequence in one direction.
  private func walk(
    _ d: Int,
    _ n: Int,
    _ weights: RecurrentWeights,
    from initial: RecurrentState
  ) -> [RecurrentStep] {
    var state = initial
    return order(d, n).map { t in
      let first = (t * batch + n) * inputs
      let step = weights.step(Array(x[first..<first + inputs]), from: state)
      state = step.next
      return step
    }
  }

  /// The initial state of every direction and sequence: element d N + n.
  private func initialStates() -> [RecurrentState] {
    let isLSTM = attributes.cell == .lstm
    let hiddens = numbers(Operand.initialHidden, count: directions * batch * hidden)
    let cells = numbers(isLSTM ? Operand.initialCell : nil, count: directions * batch * hidden)
    return (0..<directions * batch).map { row in
      let range = row * hidden..<(row + 1) * hidden
      return RecurrentState(hidden: Array(hiddens[range]), cell: Array(cells[range]))
    }
  }

  /// Y, Y_h, Y_c and reserve, as far as the cell has them.
  func forward() throws -> [Tensor?] {
    let weights = try weights()
    let initial = initialStates()
    let width = attributes.cell.reserveCount
    var y = [Double](repeating: 0, count: shapes[0].elementCount)
    var reserve = [Double](repeating: 0, count: y.count * width)
    var last = initial
    for d in 0..<directions {
      for n in 0..<batch {
        let walked = walk(d, n, weights[d], from: initial[d * batch + n])
        for (t, step) in zip(order(d, n), walked) {
          y.replaceSubrange(range(t, d, n), with: step.next.hidden)
          guard width > 0 else { continue }
          reserve.replaceSubrange(range(t, d, n, width: width), with: step.reserve)
        }
        if let final = walked.last { last[d * batch + n] = final.next }
      }
    }
    var results = [y, last.flatMap(\.hidden)]
    if attributes.cell == .lstm { results.append(last.flatMap(\.cell)) }
    if width > 0 { results.append(reserve) }
    return zip(results, shapes).map { Double.store($0, as: dtype, $1) }
  }

  /// dX, dW, dR, dB, d_initial_h and for LSTM d_initial_c and dP.
  func gradients() throws -> [Tensor?] {
    let weights = try weights()
    let initial = initialStates()
    let operands = attributes.cell.gradientOperands
    let dY = numbers(operands.dY, count: steps * directions * batch * hidden)
    let dYh = numbers(operands.dYh, count: initial.count * hidden)
    let dYc = numbers(operands.dYc, count: initial.count * hidden)
    var dX = [Double](repeating: 0, count: x.count)
    var sums = weights.map(RecurrentWeightGradients.init)
    var dInitial = initial
    for d in 0..<directions {
      for n in 0..<batch {
        let row = (d * batch + n) * hidden..<(d * batch + n + 1) * hidden
        var state = RecurrentState(hidden: Array(dYh[row]), cell: Array(dYc[row]))
        let walked = walk(d, n, weights[d], from: initial[d * batch + n])
        for (t, step) in zip(order(d, n), walked).reversed() {
          state.hidden = zip(state.hidden, dY[range(t, d, n)]).map(+)
          let (x, previous) = weights[d].stepGradient(step, state, &sums[d])
          for (column, dx) in x.enumerated() { dX[(t * batch + n) * inputs + column] += dx }
          state = previous
        }
        dInitial[d * batch + n] = state
      }
    }
    var results = [
      dX, sums.flatMap(\.w.elements), sums.flatMap(\.r.elements), sums.flatMap(\.bias),
      dInitial.flatMap(\.hidden),
    ]
    if attributes.cell == .lstm {
      results += [dInitial.flatMap(\.cell), sums.flatMap(\.peepholes)]
    }
    return zip(results, shapes).map { Double.store($0, as: dtype, $1) }
  }
}
