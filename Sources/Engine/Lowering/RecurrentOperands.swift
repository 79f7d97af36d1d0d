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
  /// With a fused embedding: checked tokens [T, N], written before the kernels run.
  private let tokens: UnsafePointer<Int64>?

  /// `nil` where no kernel fits: other types than float32, other functions than sigmoid, tanh and ReLU, `clip`, `input_forget`.
  init?(_ context: LoweringContext) throws {
    typealias Operand = RecurrentCell.Operand
    let attributes = try RecurrentAttributes(context.node)
    guard let functions = Self.functions(attributes),
      context.areFloats(Operand.x, Operand.w, Operand.r)
    else { return nil }
    self.context = context
    self.attributes = attributes
    self.functions = functions
    let x = context.shape(Operand.x)
    if let embedding = context.operation.embedding {
      (t, n, i) = (embedding.steps, embedding.rows, x[1])
      tokens = UnsafePointer(
        context.memory.store([Int64](repeating: 0, count: embedding.steps * embedding.rows))
      )
    } else {
      (t, n, i) = (x[0], x[1], x[2])
      tokens = nil
    }
    h = context.shape(Operand.r)[2]
  }

  /// For each direction what the kernels call f, g and h; `nil` where there is no kernel.
  static func functions(_ attributes: RecurrentAttributes) -> [[ck_recurrent_function]]? {
    guard attributes.clip == nil, !attributes.couplesInputAndForget else { return nil }
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
    return functions
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
    let (wCount, rCount) = (gates * h * i, gates * h * h)
    let (kind, inputs, units) = (kernelCell, Int64(i), Int64(h))
    var packedW: UnsafePointer<Float>?
    var packedR: UnsafePointer<Float>?
    if packsWeights, tokens == nil {
      packedW = packed(
        Operand.w,
        direction,
        layout: "\(cell) W \(gates)x\(h)x\(i)",
        count: (wCount, Int(ck_f32_recurrent_packed_w_count(kind, inputs, units))),
        pack: { ck_f32_recurrent_pack_w(kind, inputs, units, $0, $1) },
        unpack: { ck_f32_recurrent_unpack_w(kind, inputs, units, $0, $1) }
      )
    }
    if packsWeights {
      packedR = packed(
        Operand.r,
        direction,
        layout: "\(cell) R \(gates)x\(h)",
        count: (rCount, Int(ck_f32_recurrent_packed_r_count(kind, units))),
        pack: { ck_f32_recurrent_pack_r(kind, units, $0, $1) },
        unpack: { ck_f32_recurrent_unpack_r(kind, units, $0, $1) }
      )
    }
    let tokenGates = packsWeights ? tokenGates(direction) : nil
    // What the kernels have in another form is not read itself.
    let readsTable = tokenGates == nil
    let w =
      packedW == nil && readsTable
      ? UnsafePointer(context.floats(Operand.w)) + direction * wCount : nil
    let r = packedR == nil ? UnsafePointer(context.floats(Operand.r)) + direction * rCount : nil
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
      x: readsTable ? UnsafePointer(context.floats(Operand.x)) : nil,
      tokens: tokens,
      vocabulary: tokens == nil ? 0 : Int64(context.shape(Operand.x)[0]),
      token_gates: tokenGates,
      w: w,
      r: r,
      w_packed: packedW,
      r_packed: packedR,
      bias: part(Operand.bias, direction, count: 2 * gates * h),
      initial_h: part(Operand.initialHidden, direction, count: stateCount)
    )
  }

  private typealias Packing =
    @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void

  /// One direction's part of constant weights in the kernels' layout; all directions are packed together, one behind the other.
  ///
  /// `count` has the numbers of one direction, as they are and packed.
  private func packed(
    _ slot: Int,
    _ direction: Int,
    layout: String,
    count: (plain: Int, packed: Int),
    pack: Packing,
    unpack: @escaping Packing
  ) -> UnsafePointer<Float>? {
    let directions = directions
    let all = context.packed(
      slot,
      layout: layout,
      floatCount: directions * count.packed,
      unpack: { packed, plain in
        for part in 0..<directions {
          unpack(packed + part * count.packed, plain + part * count.plain)
        }
      },
      { plain, packed in
        for part in 0..<directions {
          pack(plain + part * count.plain, packed + part * count.packed)
        }
      }
    )
    return all.map { $0 + direction * count.packed }
  }

  /// The part of the gates that depends on the token alone, where table and weights are constants: computed once for all plans.
  private func tokenGates(_ direction: Int) -> UnsafePointer<Float>? {
    typealias Operand = RecurrentCell.Operand
    let (plan, inputs) = (context.plan, context.operation.inputs)
    guard tokens != nil, let table = plan.constant(inputs[Operand.x]),
      let weights = plan.constant(inputs[Operand.w]),
      let tableKey = plan.constantKey(inputs[Operand.x]),
      let weightsKey = plan.constantKey(inputs[Operand.w])
    else { return nil }
    var key = "\(tableKey) \(weightsKey)"
    if context.hasInput(Operand.bias) {
      guard let bias = plan.constantKey(inputs[Operand.bias]) else { return nil }
      key += " \(bias)"
    }
    let vocabulary = context.shape(Operand.x)[0]
    let gates = cell.gateCount
    let buffer = context.resources.weights.packed(
      key,
      layout: "\(cell) tokens \(direction) \(attributes.resetsAfterProduct)",
      floatCount: vocabulary * gates * h
    ) { target in
      table.withElements(of: Float.self) { x in
        weights.withElements(of: Float.self) { w in
          guard let x = x.baseAddress, let w = w.baseAddress else { return }
          ck_f32_recurrent_token_gates(
            kernelCell,
            attributes.resetsAfterProduct,
            Int64(vocabulary),
            Int64(i),
            Int64(h),
            x,
            w + direction * gates * h * i,
            part(Operand.bias, direction, count: 2 * gates * h),
            target
          )
        }
      }
    }
    return UnsafePointer(buffer.floats)
  }

  /// Writes the tokens of a fused embedding, steps first; negative ones count from the end.
  ///
  /// Throws where one is outside of the table.
  var tokenCheck: () throws -> Void {
    guard let embedding = context.operation.embedding, let tokens else { return {} }
    let target = UnsafeMutablePointer(mutating: tokens)
    let source = context.raw(embedding.slot).assumingMemoryBound(to: Int64.self)
    let (steps, rows, node) = (t, n, context.node)
    let vocabulary = Int64(context.shape(RecurrentCell.Operand.x)[0])
    let (stepStride, rowStride) = embedding.isBatchFirst ? (1, steps) : (rows, 1)
    return {
      for step in 0..<steps {
        for row in 0..<rows {
          let token = source[step * stepStride + row * rowStride]
          let index = token < 0 ? token &+ vocabulary : token
          guard index >= 0, index < vocabulary else {
            throw GraphError.operands(
              node: node.name,
              op: node.op,
              detail: "token \(token) of row \(row), step \(step) is outside of "
                + "\(-vocabulary)..<\(vocabulary)"
            )
          }
          target[step * rows + row] = index
        }
      }
    }
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
