import CKernels
import GraphIR
import Tensors

extension Lowerings {
  static let recurrent: [OperatorName: Lowering] = [
    RecurrentCell.lstm.op: { try lstm($0) },
    RecurrentCell.gru.op: { try gru($0) },
    RecurrentCell.rnn.op: { try rnn($0) },
    RecurrentCell.lstm.gradientOp: { try lstmGradient($0) },
    RecurrentCell.gru.gradientOp: { try gruGradient($0) },
    RecurrentCell.rnn.gradientOp: { try rnnGradient($0) },
  ]

  /// Positions of the results of the forward operators.
  private enum Result {
    static let y = 0
    static let yH = 1
    static let yC = 2
  }

  private static func lstm(_ context: LoweringContext) throws -> Step? {
    guard let operands = try RecurrentOperands(context) else { return nil }
    let state = operands.stateCount
    let calls = (0..<operands.directions).map { direction in
      ck_lstm(
        shape: operands.shape(direction, packsWeights: true),
        initial_c: operands.part(RecurrentCell.Operand.initialCell, direction, count: state),
        peepholes: operands.part(
          RecurrentCell.Operand.peepholes,
          direction,
          count: 3 * operands.h
        ),
        y: operands.resultPart(Result.y, direction, count: state),
        y_h: operands.resultPart(Result.yH, direction, count: state),
        y_c: operands.resultPart(Result.yC, direction, count: state),
        reserve: operands.resultPart(3, direction, count: 5 * state)
      )
    }
    return step(calls, operands) { ck_f32_lstm($0, $1) }
  }

  private static func gru(_ context: LoweringContext) throws -> Step? {
    guard let operands = try RecurrentOperands(context) else { return nil }
    let state = operands.stateCount
    let calls = (0..<operands.directions).map { direction in
      ck_gru(
        shape: operands.shape(direction, packsWeights: true),
        resets_after_product: operands.attributes.resetsAfterProduct,
        y: operands.resultPart(Result.y, direction, count: state),
        y_h: operands.resultPart(Result.yH, direction, count: state),
        reserve: operands.resultPart(2, direction, count: 4 * state)
      )
    }
    return step(calls, operands) { ck_f32_gru($0, $1) }
  }

  private static func rnn(_ context: LoweringContext) throws -> Step? {
    guard let operands = try RecurrentOperands(context) else { return nil }
    let state = operands.stateCount
    let unwanted =
      context.hasOutput(Result.y)
      ? nil : context.scratch(floatCount: operands.t * operands.directions * state)
    let calls = (0..<operands.directions).compactMap { direction -> ck_rnn? in
      let y = operands.resultPart(Result.y, direction, count: state)
      guard let y = y ?? unwanted.map({ $0 + direction * state }) else { return nil }
      return ck_rnn(
        shape: operands.shape(direction, packsWeights: true),
        y: y,
        y_h: operands.resultPart(Result.yH, direction, count: state)
      )
    }
    return step(calls, operands) { ck_f32_rnn($0, $1) }
  }

  /// Runs the directions one after the other, once lengths and tokens are known to be good.
  static func step<Call>(
    _ calls: [Call],
    _ operands: RecurrentOperands,
    _ run: @escaping (UnsafePointer<Call>, OpaquePointer?) -> Void
  ) -> Step {
    let pool = operands.context.pool
    let (checkLengths, checkTokens) = (operands.lengthCheck, operands.tokenCheck)
    return {
      try checkLengths()
      try checkTokens()
      for call in calls { withUnsafePointer(to: call) { run($0, pool) } }
    }
  }
}
