package import GraphIR
import Tensors

/// LSTM with layer normalisation (Ba, Kiros, Hinton 2016, equations 20 to 22).
///
/// s = LN(x W^T; a_1) + LN(h R^T; a_2) + b with gates i, o, f, g; c' = sigmoid(s_f) c + sigmoid(s_i) tanh(s_g);
/// h' = sigmoid(s_o) tanh(LN(c'; a_3, b_3)). LN(z; a, b) = a (z - mean) / sqrt(variance + epsilon) + b over the features of one row, so rows of
/// a batch do not see each other and training and inference are the same. Variables: `input_weight` [4 H, I], `recurrent_weight` [4 H, H],
/// `bias` [4 H], `input_scale` and `recurrent_scale` [4 H] (ones), `cell_scale` (ones) and `cell_bias` (zeros) [H].
package struct LayerNormLSTMCell: StepCell {
  package var units: Int
  package var epsilon: Float
  package var recurrentDropout: Float
  package var stateCount: Int { 2 }

  package init(units: Int, epsilon: Float = 1e-5, recurrentDropout: Float = 0) {
    self.units = units
    self.epsilon = epsilon
    self.recurrentDropout = recurrentDropout
  }

  package func prepare(
    _ x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> CellStep {
    let attributes: [String: Attribute] = ["axis": .int(-1), "epsilon": .float(epsilon)]
    let product = try context.inputProduct(x, gates: 4, units: units)
    let inputScale = try context.variable("input_scale", [4 * units], .ones)
    let bias = try context.forgetBias(units: units)
    let input = try context.apply(
      "LayerNormalization",
      product,
      inputScale,
      bias,
      attributes: attributes
    )
    let weight = try context.recurrentWeight(gates: 4, units: units)
    let recurrentScale = try context.variable("recurrent_scale", [4 * units], .ones)
    let cellScale = try context.variable("cell_scale", [units], .ones)
    let cellBias = try context.variable("cell_bias", [units], .zeros)
    let mask = try context.hiddenMask(recurrentDropout, units: units, of: x)
    return CellStep(
      slices: [input],
      captures: [weight, recurrentScale, cellScale, cellBias] + mask
    ) { (body: inout LayerContext, step: StepOperands) throws(GraphError) in
      let mask = step.captures.count > 4 ? step.captures[4] : nil
      let h = try body.masked(step.states[0], mask)
      let recurrent = try body.apply(
        "LayerNormalization",
        body.recurrentProduct(h, step.captures[0]),
        step.captures[1],
        attributes: attributes
      )
      let sums = try body.apply("Add", step.slices[0], recurrent)
      let (c, gate) = try body.cellState(sums, step.states[1])
      let normalized = try body.apply(
        "LayerNormalization",
        c,
        step.captures[2],
        step.captures[3],
        attributes: attributes
      )
      let new = try body.apply("Mul", gate, body.apply("Tanh", normalized))
      return StepResults(states: [new, c])
    }
  }
}
