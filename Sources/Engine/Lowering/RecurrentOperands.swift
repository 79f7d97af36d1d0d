import CKernels
import GraphIR
import Tensors

/// What the lowerings of a recurrent operator and of its gradient read alike: sizes, functions, and the operands of one direction.
struct RecurrentOperands {
  let context: LoweringContext
  let attributes: RecurrentAttributes
  /// For each direction ONNX's f, g, h.
  private let functions: [[ck_recurrent_function]]
  let t, n, i, h: Int

  /// `nil` where no kernel fits: other types than float32, other functions than sigmoid, tanh and ReLU, `clip`, `input_forget`.
  init?(_ context: LoweringContext) throws {
    typealias Operand = RecurrentCell.Operand
    let attributes = try RecurrentAttributes(context.node)
    guard attributes.clip == nil, !attributes.couplesInputAndForget,
      context.areFloats(Operand.x, Operand.w, Operand.r)
    else { return nil }
    var functions: [[ck_recurrent_function]] = []
    for direction in attributes.activations {
      var kernels: [ck_recurrent_function] = []
      for activation in direction {
        switch activation.kind {
        case .sigmoid: kernels.append(CK_RECURRENT_SIGMOID)
        case .tanh: kernels.append(CK_RECURRENT_TANH)
        case .relu: kernels.append(CK_RECURRENT_RELU)
        default: return nil
        }
      }
      while kernels.count < 3 { kernels.append(CK_RECURRENT_TANH) }
      functions.append(kernels)
    }
    self.context = context
    self.attributes = attributes
    self.functions = functions
    let x = context.shape(Operand.x)
    (t, n, i) = (x[0], x[1], x[2])
    h = context.shape(Operand.r)[2]
  }

  var cell: RecurrentCell { attributes.cell }
  var directions: Int { attributes.direction.count }
  var stateCount: Int { n * h }

  private var kernelCell: ck_recurrent_cell {
    switch cell {
    case .rnn: CK_RECURRENT_RNN
    case .gru: CK_RECURRENT_GRU
    case .lstm: CK_RECURRENT_LSTM
    }
  }

  /// Direction `direction` of an operand whose directions are its outermost dimension or lie `count` floats apart inside each step.
  func part(_ slot: Int, _ direction: Int, count: Int) -> UnsafePointer<Float>? {
    context.hasInput(slot)
      ? UnsafePointer(context.floats(slot)) + direction * count : nil
  }

  /// The same of a result.
  func resultPart(_ slot: Int, _ direction: Int, count: Int) -> UnsafeMutablePointer<Float>? {
    context.hasOutput(slot) ? context.outputFloats(slot) + direction * count : nil
  }

  /// The kernels' view of one direction.
  ///
  /// `packsWeights`: constant weights are packed, once for all plans.
  func shape(_ direction: Int, packsWeights: Bool) -> ck_recurrent {
    typealias Operand = RecurrentCell.Operand
    let gates = cell.gateCount
    let w = UnsafePointer(context.floats(Operand.w)) + direction * gates * h * i
    let r = UnsafePointer(context.floats(Operand.r)) + direction * gates * h * h
    let (kind, inputs, units) = (kernelCell, Int64(i), Int64(h))
    var packedW: UnsafePointer<Float>?
    var packedR: UnsafePointer<Float>?
    if packsWeights {
      packedW = context.packed(
        Operand.w,
        layout: "\(cell) W \(gates)x\(h)x\(i) \(direction)",
        floatCount: Int(ck_f32_recurrent_packed_w_count(kind, inputs, units))
      ) { ck_f32_recurrent_pack_w(kind, inputs, units, w, $0) }
      packedR = context.packed(
        Operand.r,
        layout: "\(cell) R \(gates)x\(h) \(direction)",
        floatCount: Int(ck_f32_recurrent_packed_r_count(kind, units))
      ) { ck_f32_recurrent_pack_r(kind, units, r, $0) }
    }
    let kernels = functions[direction]
    return ck_recurrent(
      t: Int64(t),
      n: Int64(n),
      i: inputs,
      h: units,
      directions: Int64(directions),
      reverse: attributes.direction.isReverse(direction),
      lengths: context.hasInput(Operand.lengths)
        ? UnsafePointer(context.raw(Operand.lengths).assumingMemoryBound(to: Int32.self)) : nil,
      functions: (kernels[0], kernels[1], kernels[2]),
      x: UnsafePointer(context.floats(Operand.x)),
      w: w,
      r: r,
      w_packed: packedW,
      r_packed: packedR,
      bias: part(Operand.bias, direction, count: 2 * gates * h),
      initial_h: part(Operand.initialHidden, direction, count: stateCount)
    )
  }

  /// Throws where a sequence is longer than X or its length is negative, before a kernel reads it.
  var lengthCheck: () throws -> Void {
    typealias Operand = RecurrentCell.Operand
    guard context.hasInput(Operand.lengths) else { return {} }
    let lengths = context.raw(Operand.lengths).assumingMemoryBound(to: Int32.self)
    let (count, limit, node) = (n, Int32(clamping: t), context.node)
    return {
      for row in 0..<count where lengths[row] < 0 || lengths[row] > limit {
        throw GraphError.operands(
          node: node.name,
          op: node.op,
          detail: "sequence_lens[\(row)] is \(lengths[row]), expected 0 to \(limit)"
        )
      }
    }
  }
}
