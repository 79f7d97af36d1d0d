/// The three recurrent cells that ONNX has an operator for, and where their operators keep their operands.
///
/// Letters: T time steps, N sequences in the batch, D directions (1 or 2), I input size, H hidden size, G gates.
///
/// Operands 0 to 5 are the same for all: X [T, N, I], W [D, G H, I], R [D, G H, H], B [D, 2 G H] (the biases of W, then those of R),
/// sequence_lens int32 [N], initial_h [D, N, H]. LSTM adds initial_c [D, N, H] and the peepholes P [D, 3 H] for i, o, f. Results are
/// Y [T, D, N, H], Y_h [D, N, H] and, for LSTM, Y_c [D, N, H].
package enum RecurrentCell: String, Sendable, Hashable, CaseIterable {
  case rnn = "RNN"
  case gru = "GRU"
  case lstm = "LSTM"

  /// Positions of operands, the same in the forward operator and in its gradient.
  package enum Operand {
    package static let x = 0
    package static let w = 1
    package static let r = 2
    package static let bias = 3
    package static let lengths = 4
    package static let initialHidden = 5
    /// LSTM only.
    package static let initialCell = 6
    /// LSTM only.
    package static let peepholes = 7
  }

  /// Positions of the operands that only the gradient operator has, behind those of the forward operator.
  package struct GradientOperands: Sendable {
    package let y: Int
    /// `nil` for RNN, whose Y suffices.
    package let reserve: Int?
    package let dY: Int
    package let dYh: Int
    /// LSTM only.
    package let dYc: Int?
  }

  /// The forward operator, ONNX's.
  package var op: OperatorName { OperatorName(rawValue) }

  /// The operator that computes the gradients of all operands.
  package var gradientOp: OperatorName { .martlet("\(rawValue)Gradient") }

  /// The cell of a forward or a gradient operator, `nil` for any other.
  package init?(_ op: OperatorName) {
    guard let cell = Self.allCases.first(where: { $0.op == op || $0.gradientOp == op }) else {
      return nil
    }
    self = cell
  }

  /// G, in ONNX's order: RNN i; GRU z, r, h; LSTM i, o, f, c.
  package var gateCount: Int {
    switch self {
    case .rnn: 1
    case .gru: 3
    case .lstm: 4
    }
  }

  /// How many activations each direction has: RNN f; GRU f (z, r) and g (h); LSTM f (i, o, f), g (c) and h (cell to output).
  package var activationCount: Int {
    switch self {
    case .rnn: 1
    case .gru: 2
    case .lstm: 3
    }
  }

  /// Operands of the forward operator.
  package var inputCount: Int { self == .lstm ? 8 : 6 }

  /// Results that ONNX defines: Y, Y_h and for LSTM Y_c.
  package var outputCount: Int { self == .lstm ? 3 : 2 }

  /// Numbers for each step, direction, sequence and hidden unit in the result `reserve`, 0 for RNN, which has none.
  ///
  /// LSTM: i, o, f, c~ after their activations and the new cell state. GRU: z, r, h~ after their activations and what the reset gate
  /// leaves; `OperatorRegistry.recurrent` has the formulas.
  package var reserveCount: Int {
    switch self {
    case .rnn: 0
    case .gru: 4
    case .lstm: 5
    }
  }

  /// Position of the result `reserve` [T, D, N, reserveCount H], which only gradient rules ask for; `nil` for RNN.
  package var reserveOutput: Int? { self == .rnn ? nil : outputCount }

  /// Where the gradient operator has the operands that the forward operator has not.
  package var gradientOperands: GradientOperands {
    switch self {
    case .rnn: GradientOperands(y: 6, reserve: nil, dY: 7, dYh: 8, dYc: nil)
    case .gru: GradientOperands(y: 6, reserve: 7, dY: 8, dYh: 9, dYc: nil)
    case .lstm: GradientOperands(y: 8, reserve: 9, dY: 10, dYh: 11, dYc: 12)
    }
  }

  /// The forward operands that the gradient operator's results belong to, in the order of its results.
  package var differentiatedOperands: [Int] {
    let shared = [Operand.x, Operand.w, Operand.r, Operand.bias, Operand.initialHidden]
    return self == .lstm ? shared + [Operand.initialCell, Operand.peepholes] : shared
  }
}
