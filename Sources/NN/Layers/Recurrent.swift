package import GraphIR
import Tensors

/// The state of a recurrent layer, batch first: `hidden` and, for LSTM, `cell` [N, D H], forward direction first.
package struct RecurrentState: Sendable {
  package var hidden: ValueID
  /// LSTM only.
  package var cell: ValueID?

  package init(hidden: ValueID, cell: ValueID? = nil) {
    self.hidden = hidden
    self.cell = cell
  }
}

/// What a recurrent layer gives: every step's output and the state after the last.
package struct RecurrentOutput: Sendable {
  /// [N, T, D H], zero behind a sequence's end.
  package var steps: ValueID
  /// Of each layer, after each sequence's last step (reverse direction: after its first).
  package var states: [RecurrentState]
}

/// A recurrent layer: RNN, GRU or LSTM over a sequence, as one fused operator (formulas: `OperatorRegistry.recurrent`).
///
/// x [N, T, I]; y [N, T, D H] with D = 2 for both directions, else 1. Variables: `input_weight` W [D, G H, I], Glorot uniform by gate;
/// `recurrent_weight` R [D, G H, H], orthogonal by gate where nothing else is asked for; `bias` B [D, 2 G H], zeros but for the forget gate's 1 (Jozefowicz, Zaremba,
/// Sutskever 2015); with peepholes `peephole_weight` P [D, 3 H], zeros. Gates in ONNX's order.
package struct Recurrent: Sendable {
  package var name: String
  package var cell: RecurrentCell
  /// H.
  package var units: Int
  package var direction: RecurrentAttributes.Direction
  /// f of a plain RNN; the gated cells have sigmoid and tanh.
  package var activation: RecurrentActivation.Kind
  /// LSTM: the gates see the cell state (Gers, Schmidhuber 2000).
  package var hasPeepholes: Bool
  /// GRU: the reset gate scales the product with R, as cuDNN, PyTorch and Keras have it.
  package var resetsAfterProduct: Bool
  /// Probability with which each weight of R is left out, drawn once for each training step and the same at every time step (DropConnect:
  /// Merity, Keskar, Socher 2017, AWD-LSTM).
  package var recurrentDropout: Float
  /// Makes R.
  package var recurrentInitializer: Initializer

  package init(
    _ name: String,
    _ cell: RecurrentCell,
    units: Int,
    direction: RecurrentAttributes.Direction = .forward,
    activation: RecurrentActivation.Kind = .tanh,
    hasPeepholes: Bool = false,
    resetsAfterProduct: Bool = true,
    recurrentDropout: Float = 0,
    recurrentInitializer: Initializer = .orthogonalGates()
  ) {
    self.name = name
    self.cell = cell
    self.units = units
    self.direction = direction
    self.activation = activation
    self.hasPeepholes = hasPeepholes
    self.resetsAfterProduct = resetsAfterProduct
    self.recurrentDropout = recurrentDropout
    self.recurrentInitializer = recurrentInitializer
  }

  /// Adds the layer.
  ///
  /// - Parameters:
  ///   - x: [N, T, I].
  ///   - lengths: int32 [N], how many steps of each sequence count; all when `nil`.
  ///   - initial: the state to start from; zeros when `nil`.
  ///   - context: what the layer is added to.
  /// - Returns: every step's output and one final state.
  /// - Throws: `GraphError` where I is not known or operands do not fit.
  package func callAsFunction(
    _ x: ValueID,
    lengths: ValueID? = nil,
    initial: RecurrentState? = nil,
    in context: inout LayerContext
  ) throws(GraphError) -> RecurrentOutput {
    let stepsFirst = try context.swappingBatchAndSteps(x)
    let (y, state) = try overStepsFirst(
      stepsFirst,
      lengths: lengths,
      initial: initial,
      in: &context
    )
    return RecurrentOutput(steps: try context.swappingBatchAndSteps(y), states: [state])
  }

  /// The layer over x [T, N, I]; y [T, N, D H].
  func overStepsFirst(
    _ x: ValueID,
    lengths: ValueID?,
    initial: RecurrentState?,
    in context: inout LayerContext
  ) throws(GraphError) -> (y: ValueID, state: RecurrentState) {
    try context.scoped(name) { (context: inout LayerContext) throws(GraphError) in
      var inputs: [ValueID?] = [x] + (try weights(for: x, in: &context))
      inputs.append(lengths)
      if let initial {
        inputs.append(try directionsFirst(initial.hidden, in: &context))
        if let state = initial.cell, cell == .lstm {
          inputs.append(try directionsFirst(state, in: &context))
        }
      }
      if hasPeepholes, cell == .lstm {
        while inputs.count < RecurrentCell.Operand.peepholes { inputs.append(nil) }
        let shape: Shape = [direction.count, 3 * units]
        inputs.append(try context.variable("peephole_weight", shape, .zeros))
      }
      let outputs = try context.graph.apply(
        cell.op,
        inputs,
        attributes,
        name: context.graph.freshName(context.scopedName(cell.rawValue)),
        outputCount: cell.outputCount
      ).compactMap { $0 }
      guard outputs.count == cell.outputCount else {
        throw .invalid("\(cell.rawValue) has \(outputs.count) outputs")
      }
      let y: ValueID
      if direction.count == 1 {
        y = try context.apply("Squeeze", outputs[0], context.vector([1]))
      } else {
        // [T, D, N, H] to [T, N, D, H] to [T, N, D H].
        let moved = try context.apply(
          "Transpose",
          outputs[0],
          attributes: ["perm": .ints([0, 2, 1, 3])]
        )
        y = try context.apply(
          "Reshape",
          moved,
          context.vector([0, 0, direction.count * units])
        )
      }
      let hidden = try batchFirst(outputs[1], in: &context)
      let last = cell == .lstm ? try batchFirst(outputs[2], in: &context) : nil
      return (y, RecurrentState(hidden: hidden, cell: last))
    }
  }

  private var attributes: [String: Attribute] {
    var result: [String: Attribute] = [
      "hidden_size": .int(units), "direction": .string(direction.rawValue),
    ]
    switch cell {
    case .rnn where activation != .tanh:
      result["activations"] = .strings(
        [String](repeating: activation.rawValue, count: direction.count)
      )
    case .gru: result["linear_before_reset"] = .int(resetsAfterProduct ? 1 : 0)
    case .rnn, .lstm: break
    }
    return result
  }

  /// W, R (with its dropout) and B.
  private func weights(
    for x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> [ValueID] {
    guard units > 0 else { throw .invalid("recurrent layer \(name): \(units) units") }
    let inputs = try context.size(of: x, axis: 2, for: "input_weight")
    let (d, gates) = (direction.count, cell.gateCount * units)
    let limit = (6 / Float(inputs + units)).squareRoot()
    let w = try context.variable(
      "input_weight",
      [d, gates, inputs],
      .uniform(low: -limit, high: limit),
      isDecayed: true
    )
    let r = try context.variable(
      "recurrent_weight",
      [d, gates, units],
      recurrentInitializer,
      isDecayed: true
    )
    var biases = [Float](repeating: 0, count: d * 2 * gates)
    if cell == .lstm {
      // The forget gate is the third of i, o, f, c; only the half of W has the 1.
      for direction in 0..<d {
        let first = direction * 2 * gates + 2 * units
        biases.replaceSubrange(first..<first + units, with: repeatElement(1, count: units))
      }
    }
    let b = try context.variable("bias", initial: Tensor(biases, [d, 2 * gates]))
    return [w, try Dropout(recurrentDropout)(r, in: &context), b]
  }

  /// [N, D H] to [D, N, H].
  private func directionsFirst(
    _ state: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    guard direction.count > 1 else {
      return try context.apply("Unsqueeze", state, context.vector([0]))
    }
    let split = try context.apply(
      "Reshape",
      state,
      context.vector([0, direction.count, units])
    )
    return try context.apply("Transpose", split, attributes: ["perm": .ints([1, 0, 2])])
  }

  /// [D, N, H] to [N, D H].
  private func batchFirst(
    _ state: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    guard direction.count > 1 else {
      return try context.apply("Squeeze", state, context.vector([0]))
    }
    let moved = try context.apply("Transpose", state, attributes: ["perm": .ints([1, 0, 2])])
    return try context.apply("Reshape", moved, context.vector([0, direction.count * units]))
  }
}

extension LayerContext {
  /// [N, T, ...] to [T, N, ...] and back, for values of rank 3.
  mutating func swappingBatchAndSteps(_ x: ValueID) throws(GraphError) -> ValueID {
    try apply("Transpose", x, attributes: ["perm": .ints([1, 0, 2])])
  }
}
