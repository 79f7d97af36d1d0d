import Tensors

extension OperatorRegistry {
  /// RNN, GRU and LSTM as ONNX defines them (layout 0), each with its gradient.
  ///
  /// With x = X[t], h and c the state of the step before (initial_h, initial_c or zeros), Wb and Rb the halves of B, and clip applied to
  /// every sum that enters f or g:
  ///
  ///     RNN   h' = f(x W^T + h R^T + Wb + Rb)
  ///     GRU   z = f(x Wz^T + h Rz^T + Wbz + Rbz)          r = f(x Wr^T + h Rr^T + Wbr + Rbr)
  ///           h~ = g(x Wh^T + (r * h) Rh^T + Wbh + Rbh)    or g(x Wh^T + Wbh + r * (h Rh^T + Rbh)) with linear_before_reset
  ///           h' = (1 - z) * h~ + z * h
  ///     LSTM  i = f(x Wi^T + h Ri^T + Pi * c + Wbi + Rbi)  f = f(x Wf^T + h Rf^T + Pf * c + Wbf + Rbf), 1 - i with input_forget
  ///           c~ = g(x Wc^T + h Rc^T + Wbc + Rbc)          c' = f * c + i * c~
  ///           o = f(x Wo^T + h Ro^T + Po * c' + Wbo + Rbo) h' = o * h(c')
  ///
  /// A sequence n ends after sequence_lens[n] steps (0 to T): Y is zero from there on, Y_h and Y_c are the state after its last step; the
  /// reverse direction starts at its last step. A sequence of length 0 ends in its initial state.
  ///
  /// `reserve` (LSTM output 3, GRU output 2; ours, asked for by the gradient rule, never written to a file) is what the gradient would
  /// otherwise compute once more, [T, D, N, 5 H] or [T, D, N, 4 H]: LSTM i, o, f, c~ after their activations, then c'; GRU z, r, h~ after
  /// their activations, then h Rh^T + Rbh with linear_before_reset and r * h without. It is zero behind a sequence's end.
  ///
  /// The gradients have the forward operator's attributes and the operands and results that `RecurrentCell` lists:
  ///
  ///     martlet.RNNGradient(X, W, R, B, sequence_lens, initial_h, Y, dY, dY_h) -> (dX, dW, dR, dB, d_initial_h)
  ///     martlet.GRUGradient(X, W, R, B, sequence_lens, initial_h, Y, reserve, dY, dY_h) -> (the same)
  ///     martlet.LSTMGradient(X, W, R, B, sequence_lens, initial_h, initial_c, P, Y, reserve, dY, dY_h, dY_c)
  ///       -> (dX, dW, dR, dB, d_initial_h, d_initial_c, dP)
  ///
  /// A sum beyond clip passes no gradient. Both halves of dB are equal but for GRU's candidate with linear_before_reset.
  static let recurrent: [OperatorDefinition] = [
    forward(.rnn, "Simple recurrent network over X [T, N, I]"),
    forward(.gru, "Gated recurrent unit over X [T, N, I] (Cho and others 2014)"),
    forward(.lstm, "Long short-term memory over X [T, N, I] (Hochreiter & Schmidhuber 1997)"),
    gradient(.rnn, "(dX, dW, dR, dB, d_initial_h) of RNN"),
    gradient(.gru, "(dX, dW, dR, dB, d_initial_h) of GRU"),
    gradient(.lstm, "(dX, dW, dR, dB, d_initial_h, d_initial_c, dP) of LSTM"),
  ]

  private static func forward(_ cell: RecurrentCell, _ summary: String) -> OperatorDefinition {
    OperatorDefinition(
      cell.op,
      inputs: 3...cell.inputCount,
      outputs: 1...(cell.outputCount + (cell.reserveOutput == nil ? 0 : 1)),
      summary: summary
    ) { context throws(GraphError) in
      let shapes = try RecurrentShapes(context)
      let states = [ValueType](repeating: shapes.state, count: cell.outputCount - 1)
      return [shapes.y] + states + (cell.reserveOutput == nil ? [] : [shapes.reserve])
    }
  }

  private static func gradient(_ cell: RecurrentCell, _ summary: String) -> OperatorDefinition {
    let positions = cell.gradientOperands
    return OperatorDefinition(
      cell.gradientOp,
      inputs: (positions.dY + 1)...((positions.dYc ?? positions.dYh) + 1),
      outputs: 1...cell.differentiatedOperands.count,
      summary: summary
    ) { context throws(GraphError) in
      let shapes = try RecurrentShapes(context)
      try context.require(shapes.y, at: positions.y, isOptional: false)
      if let reserve = positions.reserve {
        try context.require(shapes.reserve, at: reserve, isOptional: false)
      }
      try context.require(shapes.y, at: positions.dY)
      try context.require(shapes.state, at: positions.dYh)
      if let dYc = positions.dYc { try context.require(shapes.state, at: dYc) }
      let types = [shapes.x, shapes.w, shapes.r, shapes.bias, shapes.state]
      return cell == .lstm ? types + [shapes.state, shapes.peepholes] : types
    }
  }
}

/// The types of a recurrent operator's operands and results, from whatever is known of X, W and R.
private struct RecurrentShapes {
  let x: ValueType
  let w: ValueType
  let r: ValueType
  let bias: ValueType
  let peepholes: ValueType
  let y: ValueType
  /// initial_h, initial_c, Y_h, Y_c.
  let state: ValueType
  let reserve: ValueType

  /// Checks the operands that forward operator and gradient share.
  init(_ context: ShapeContext) throws(GraphError) {
    let attributes = try RecurrentAttributes(context.node)
    let cell = attributes.cell
    let dtype = try context.type(RecurrentCell.Operand.x, of: DType.floatingPointTypes).dtype
    let input = try context.dimensions(RecurrentCell.Operand.x, rank: 3)
    let weight = try context.dimensions(RecurrentCell.Operand.w, rank: 3)
    let recurrent = try context.dimensions(RecurrentCell.Operand.r, rank: 3)
    let hidden = try Self.hiddenSize(context, attributes, recurrent[2])
    func times(_ factor: Int) -> Dimension {
      hidden.size.map { .known(factor * $0) } ?? .unknown
    }
    let directions = Dimension.known(attributes.direction.count)
    let gates = times(cell.gateCount)
    let inputSize = input[2].size == nil ? weight[2] : input[2]
    x = ValueType(dtype, [input[0], input[1], inputSize])
    w = ValueType(dtype, [directions, gates, inputSize])
    r = ValueType(dtype, [directions, gates, hidden])
    bias = ValueType(dtype, [directions, times(2 * cell.gateCount)])
    peepholes = ValueType(dtype, [directions, times(3)])
    y = ValueType(dtype, [input[0], directions, input[1], hidden])
    state = ValueType(dtype, [directions, input[1], hidden])
    reserve = ValueType(
      dtype,
      [input[0], directions, input[1], times(cell.reserveCount)]
    )
    typealias Operand = RecurrentCell.Operand
    try context.require(w, at: Operand.w, isOptional: false)
    try context.require(r, at: Operand.r, isOptional: false)
    try context.require(bias, at: Operand.bias)
    try context.require(ValueType(.int32, [input[1]]), at: Operand.lengths)
    try context.require(state, at: Operand.initialHidden)
    if cell == .lstm {
      try context.require(state, at: Operand.initialCell)
      try context.require(peepholes, at: Operand.peepholes)
    }
  }

  private static func hiddenSize(
    _ context: ShapeContext,
    _ attributes: RecurrentAttributes,
    _ columns: Dimension
  ) throws(GraphError) -> Dimension {
    if let size = columns.size {
      guard (1...RecurrentAttributes.hiddenSizeMax).contains(size) else {
        throw context.error("R has \(size) columns, expected hidden_size, 1 or more")
      }
      guard attributes.hiddenSize ?? size == size else {
        throw context.error(
          "hidden_size is \(attributes.hiddenSize ?? size), R has \(size) columns"
        )
      }
    }
    return attributes.hiddenSize.map(Dimension.known) ?? columns
  }
}

extension ShapeContext {
  /// Checks an operand against the type that the others ask for, as far as both are known.
  fileprivate func require(
    _ expected: ValueType,
    at input: Int,
    isOptional: Bool = true
  ) throws(GraphError) {
    guard let found = isOptional ? optionalType(input) : try type(input) else { return }
    guard found.dtype == expected.dtype else {
      throw error("input \(input) is \(found), expected \(expected)")
    }
    guard let sizes = found.shape.dimensions, let goal = expected.shape.dimensions else { return }
    let fits =
      sizes.count == goal.count
      && zip(sizes, goal).allSatisfy { size, wanted in
        guard let size = size.size, let wanted = wanted.size else { return true }
        return size == wanted
      }
    guard fits else { throw error("input \(input) is \(found), expected \(expected)") }
  }
}
