import CKernels
import GraphIR
import Tensors

extension Lowerings {
  /// Positions of the results of the gradient operators.
  private enum Gradient {
    static let x = 0
    static let w = 1
    static let r = 2
    static let bias = 3
    static let initialHidden = 4
    static let initialCell = 5
    static let peepholes = 6
  }

  static func lstmGradient(_ context: LoweringContext) throws -> Step? {
    typealias Operand = RecurrentCell.Operand
    let positions = RecurrentCell.lstm.gradientOperands
    guard let operands = try RecurrentOperands(context) else { return nil }
    let state = operands.stateCount
    let gates = gateMemory(operands, CK_RECURRENT_LSTM)
    var calls: [ck_lstm_gradient] = []
    for direction in 0..<operands.directions {
      guard let shared = shared(operands, direction, positions, gates),
        let reserve = positions.reserve.flatMap({
          operands.part($0, direction, count: 5 * state)
        })
      else { return nil }
      calls.append(
        ck_lstm_gradient(
          shared: shared,
          reserve: reserve,
          initial_c: operands.part(Operand.initialCell, direction, count: state),
          peepholes: operands.part(Operand.peepholes, direction, count: 3 * operands.h),
          dy_c: positions.dYc.flatMap { operands.part($0, direction, count: state) },
          dinitial_c: operands.resultPart(Gradient.initialCell, direction, count: state),
          dp: operands.resultPart(Gradient.peepholes, direction, count: 3 * operands.h)
        )
      )
    }
    return step(calls, operands) { ck_f32_lstm_gradient($0, $1) }
  }

  static func gruGradient(_ context: LoweringContext) throws -> Step? {
    let positions = RecurrentCell.gru.gradientOperands
    guard let operands = try RecurrentOperands(context) else { return nil }
    let gates = gateMemory(operands, CK_RECURRENT_GRU)
    var calls: [ck_gru_gradient] = []
    for direction in 0..<operands.directions {
      guard let shared = shared(operands, direction, positions, gates),
        let reserve = positions.reserve.flatMap({
          operands.part($0, direction, count: 4 * operands.stateCount)
        })
      else { return nil }
      calls.append(
        ck_gru_gradient(
          shared: shared,
          resets_after_product: operands.attributes.resetsAfterProduct,
          reserve: reserve
        )
      )
    }
    return step(calls, operands) { ck_f32_gru_gradient($0, $1) }
  }

  static func rnnGradient(_ context: LoweringContext) throws -> Step? {
    let positions = RecurrentCell.rnn.gradientOperands
    guard let operands = try RecurrentOperands(context) else { return nil }
    let gates = gateMemory(operands, CK_RECURRENT_RNN)
    var calls: [ck_recurrent_gradient] = []
    for direction in 0..<operands.directions {
      guard let shared = shared(operands, direction, positions, gates) else { return nil }
      calls.append(shared)
    }
    return step(calls, operands) { ck_f32_rnn_gradient($0, $1) }
  }

  /// Gradients of the pre-activations of all steps of one direction.
  private static func gateMemory(
    _ operands: RecurrentOperands,
    _ cell: ck_recurrent_cell
  ) -> UnsafeMutablePointer<Float> {
    operands.context.scratch(
      floatCount: Int(
        ck_f32_recurrent_gradient_count(
          cell,
          Int64(operands.t),
          Int64(operands.n),
          Int64(operands.h)
        )
      )
    )
  }

  private static func shared(
    _ operands: RecurrentOperands,
    _ direction: Int,
    _ positions: RecurrentCell.GradientOperands,
    _ gates: UnsafeMutablePointer<Float>
  ) -> ck_recurrent_gradient? {
    let (state, blocks) = (operands.stateCount, operands.cell.gateCount)
    let (i, h) = (operands.i, operands.h)
    guard let y = operands.part(positions.y, direction, count: state) else { return nil }
    return ck_recurrent_gradient(
      shape: operands.shape(direction, packsWeights: false),
      y: y,
      dy: operands.part(positions.dY, direction, count: state),
      dy_h: operands.part(positions.dYh, direction, count: state),
      gates: gates,
      dx: operands.resultPart(Gradient.x, 0, count: 0),
      adds_to_dx: direction > 0,
      dw: operands.resultPart(Gradient.w, direction, count: blocks * h * i),
      dr: operands.resultPart(Gradient.r, direction, count: blocks * h * h),
      db: operands.resultPart(Gradient.bias, direction, count: 2 * blocks * h),
      dinitial_h: operands.resultPart(Gradient.initialHidden, direction, count: state)
    )
  }
}
