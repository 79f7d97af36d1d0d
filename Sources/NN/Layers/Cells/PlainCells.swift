package import GraphIR
import Tensors

/// The plain recurrent cell: h' = f(x W^T + h R^T + b).
///
/// With `normalization` it is the batch-normalised RNN of Laurent et al. 2016: the product of the input alone is normalised, with statistics
/// over batch and time (`BatchNorm` over the rows of all steps), h' = f(BN(x W^T) + h R^T + b). With `recurrentDropout` R sees h times a mask
/// that is drawn once for each sequence (Gal & Ghahramani 2016). Variables: `input_weight` [H, I], `recurrent_weight` [H, H], `bias` [H].
package struct RNNCell: StepCell {
  package var units: Int
  package var activation: Activation
  package var recurrentDropout: Float
  package var normalization: BatchNorm?
  package var stateCount: Int { 1 }

  package init(
    units: Int,
    activation: Activation = .tanh,
    recurrentDropout: Float = 0,
    normalization: BatchNorm? = nil
  ) {
    self.units = units
    self.activation = activation
    self.recurrentDropout = recurrentDropout
    self.normalization = normalization
  }

  package func prepare(
    _ x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> CellStep {
    var product = try context.inputProduct(x, gates: 1, units: units)
    product = try context.normalizedOverSteps(product, normalization)
    let weight = try context.recurrentWeight(gates: 1, units: units)
    let bias = try context.variable("bias", [units], .zeros)
    let mask = try context.hiddenMask(recurrentDropout, units: units, of: x)
    return CellStep(
      slices: [try context.apply("Add", product, bias)],
      captures: [weight] + mask
    ) { (body: inout LayerContext, step: StepOperands) throws(GraphError) in
      let mask = step.captures.count > 1 ? step.captures[1] : nil
      let h = try body.masked(step.states[0], mask)
      let sum = try body.apply(
        "Add",
        step.slices[0],
        body.recurrentProduct(h, step.captures[0])
      )
      return StepResults(states: [try activation(sum, in: &body)])
    }
  }
}

/// LSTM (Hochreiter & Schmidhuber 1997, with forget gate), gates i, o, f, g as in ONNX: with s = x W^T + h R^T + b,
/// c' = sigmoid(s_f) c + sigmoid(s_i) tanh(s_g) and h' = sigmoid(s_o) tanh(c').
///
/// `recurrentDropout` and `normalization` (of x W^T) as in `RNNCell`. Variables: `input_weight` [4 H, I], `recurrent_weight` [4 H, H],
/// `bias` [4 H].
package struct LSTMCell: StepCell {
  package var units: Int
  package var recurrentDropout: Float
  package var normalization: BatchNorm?
  package var stateCount: Int { 2 }

  package init(units: Int, recurrentDropout: Float = 0, normalization: BatchNorm? = nil) {
    self.units = units
    self.recurrentDropout = recurrentDropout
    self.normalization = normalization
  }

  package func prepare(
    _ x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> CellStep {
    var product = try context.inputProduct(x, gates: 4, units: units)
    product = try context.normalizedOverSteps(product, normalization)
    let weight = try context.recurrentWeight(gates: 4, units: units)
    let bias = try context.forgetBias(units: units)
    let mask = try context.hiddenMask(recurrentDropout, units: units, of: x)
    return CellStep(
      slices: [try context.apply("Add", product, bias)],
      captures: [weight] + mask
    ) { (body: inout LayerContext, step: StepOperands) throws(GraphError) in
      let mask = step.captures.count > 1 ? step.captures[1] : nil
      let h = try body.masked(step.states[0], mask)
      let sums = try body.apply(
        "Add",
        step.slices[0],
        body.recurrentProduct(h, step.captures[0])
      )
      let (c, gate) = try body.cellState(sums, step.states[1])
      return StepResults(states: [try body.apply("Mul", gate, body.apply("Tanh", c)), c])
    }
  }
}

/// GRU (Cho and others 2014), gates z, r, h as in ONNX: z and r = sigmoid(x W^T + h R^T + b), h' = (1 - z) g + z h.
///
/// The candidate is g = tanh(x W_h^T + b_h + r (h R_h^T + d)) where `resetsAfterProduct`, else tanh(x W_h^T + b_h + (r h) R_h^T).
/// `recurrentDropout` as in `RNNCell`: every h but that of z h sees the mask. Variables: `input_weight` [3 H, I], `recurrent_weight`
/// [3 H, H], `bias` [3 H], and d `recurrent_bias` [H] where `resetsAfterProduct`.
package struct GRUCell: StepCell {
  package var units: Int
  package var resetsAfterProduct: Bool
  package var recurrentDropout: Float
  package var stateCount: Int { 1 }

  package init(units: Int, resetsAfterProduct: Bool = true, recurrentDropout: Float = 0) {
    self.units = units
    self.resetsAfterProduct = resetsAfterProduct
    self.recurrentDropout = recurrentDropout
  }

  package func prepare(
    _ x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> CellStep {
    let product = try context.inputProduct(x, gates: 3, units: units)
    let weight = try context.recurrentWeight(gates: 3, units: units)
    let bias = try context.variable("bias", [3 * units], .zeros)
    let slices = [try context.apply("Add", product, bias)]
    let mask = try context.hiddenMask(recurrentDropout, units: units, of: x)
    if resetsAfterProduct {
      let candidateBias = try context.variable("recurrent_bias", [units], .zeros)
      return CellStep(slices: slices, captures: [weight, candidateBias] + mask) {
        (body: inout LayerContext, step: StepOperands) throws(GraphError) in
        let mask = step.captures.count > 2 ? step.captures[2] : nil
        let h = try body.masked(step.states[0], mask)
        let inputs = try body.gates(step.slices[0], 3)
        let products = try body.gates(body.recurrentProduct(h, step.captures[0]), 3)
        let r = try body.apply("Sigmoid", body.apply("Add", inputs[1], products[1]))
        let recurrent = try body.apply("Add", products[2], step.captures[1])
        return try Self.mix(
          body.apply("Add", inputs[0], products[0]),
          candidate: body.apply("Add", inputs[2], body.apply("Mul", r, recurrent)),
          step.states[0],
          &body
        )
      }
    }
    let parts = try context.graph.apply(
      "Split",
      [weight, context.vector([2 * units, units])],
      ["axis": .int(0)],
      name: context.graph.freshName(context.scopedName("Split")),
      outputCount: 2
    ).compactMap { $0 }
    return CellStep(slices: slices, captures: parts + mask) {
      (body: inout LayerContext, step: StepOperands) throws(GraphError) in
      let mask = step.captures.count > 2 ? step.captures[2] : nil
      let h = try body.masked(step.states[0], mask)
      let inputs = try body.gates(step.slices[0], 3)
      let products = try body.gates(body.recurrentProduct(h, step.captures[0]), 2)
      let r = try body.apply("Sigmoid", body.apply("Add", inputs[1], products[1]))
      let reset = try body.recurrentProduct(body.apply("Mul", r, h), step.captures[1])
      return try Self.mix(
        body.apply("Add", inputs[0], products[0]),
        candidate: body.apply("Add", inputs[2], reset),
        step.states[0],
        &body
      )
    }
  }

  /// h' = (1 - z) g + z h with z = sigmoid(update), g = tanh(candidate).
  private static func mix(
    _ update: ValueID,
    candidate: ValueID,
    _ h: ValueID,
    _ body: inout LayerContext
  ) throws(GraphError) -> StepResults {
    let z = try body.apply("Sigmoid", update)
    let g = try body.apply("Tanh", candidate)
    let rest = try body.apply("Sub", body.scalar(1), z)
    return StepResults(
      states: [try body.apply("Add", body.apply("Mul", rest, g), body.apply("Mul", z, h))]
    )
  }
}

extension LayerContext {
  /// Batch normalisation of [T, N, F] with one statistic for each feature, over batch and time.
  fileprivate mutating func normalizedOverSteps(
    _ value: ValueID,
    _ normalization: BatchNorm?
  ) throws(GraphError) -> ValueID {
    guard let normalization else { return value }
    // Axis 1 must be the features: [T, N, F] to [T, F, N] and back.
    let order: [String: Attribute] = ["perm": .ints([0, 2, 1])]
    let moved = try apply("Transpose", value, attributes: order)
    return try apply("Transpose", normalization(moved, in: &self), attributes: order)
  }
}
