package import GraphIR
import Tensors

/// Recurrent batch normalisation (Cooijmans, Ballas, Laurent, Gülçehre, Courville 2017, equations 6 to 8).
///
/// s = BN(x W^T; g_x) + BN(h R^T; g_h) + b with gates i, o, f, g; c' = sigmoid(s_f) c + sigmoid(s_i) tanh(s_g);
/// h' = sigmoid(s_o) tanh(BN(c'; g_c) + b_c). BN(z; g) = g (z - mean) / sqrt(variance + epsilon) with statistics over the batch: input and
/// recurrent products have their own, and so has every time step. In training they are the batch's (all rows count, those behind a sequence's
/// end too, so batches should hold sequences of one length); in inference the moving ones of `StepStatistics`, so there a sequence must start
/// at its first step. Variables: `input_weight` [4 H, I], `recurrent_weight` [4 H, H], `bias` [4 H], `input_scale` and `recurrent_scale`
/// [4 H], `cell_scale` [H], all 0.1 at the start so that tanh keeps its slope, `cell_bias` [H] (zeros); and the moving statistics
/// `input_`, `recurrent_` [S, 4 H], `cell_` [S, H], not trained.
package struct BatchNormLSTMCell: StepCell {
  package var units: Int
  /// S: steps with moving statistics of their own.
  package var statisticsSteps: Int
  package var momentum: Float
  package var epsilon: Float
  package var stateCount: Int { 2 }

  /// The scales' first value: with 1 the gradients vanish (section 3 of the paper).
  package static let initialScale: Float = 0.1

  package init(
    units: Int,
    statisticsSteps: Int,
    momentum: Float = 0.9,
    epsilon: Float = 1e-5
  ) {
    self.units = units
    self.statisticsSteps = statisticsSteps
    self.momentum = momentum
    self.epsilon = epsilon
  }

  package func prepare(
    _ x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> CellStep {
    guard statisticsSteps > 0 else {
      throw .invalid("recurrent batch normalisation: statistics of \(statisticsSteps) steps")
    }
    let scale = Initializer.constant(Self.initialScale)
    let product = try context.inputProduct(x, gates: 4, units: units)
    let weight = try context.recurrentWeight(gates: 4, units: units)
    let bias = try context.forgetBias(units: units)
    let inputScale = try context.variable("input_scale", [4 * units], scale)
    let recurrentScale = try context.variable("recurrent_scale", [4 * units], scale)
    let cellScale = try context.variable("cell_scale", [units], scale)
    let cellBias = try context.variable("cell_bias", [units], .zeros)
    let input = try statistics("input", 4 * units, &context)
    let recurrent = try statistics("recurrent", 4 * units, &context)
    let cell = try statistics("cell", units, &context)
    let captures = [weight, recurrentScale, cellScale, cellBias]

    if context.mode == .inference {
      let inputRows = try input.rows(for: x, in: &context)
      let normalized = try context.normalized(
        product,
        mean: context.apply("Unsqueeze", inputRows.mean, context.vector([1])),
        variance: context.apply("Unsqueeze", inputRows.variance, context.vector([1])),
        scale: inputScale,
        epsilon: epsilon
      )
      let recurrentRows = try recurrent.rows(for: x, in: &context)
      let cellRows = try cell.rows(for: x, in: &context)
      let slices = [
        try context.apply("Add", normalized, bias), recurrentRows.mean, recurrentRows.variance,
        cellRows.mean, cellRows.variance,
      ]
      return CellStep(slices: slices, captures: captures) {
        (body: inout LayerContext, step: StepOperands) throws(GraphError) in
        let product = try body.recurrentProduct(step.states[0], step.captures[0])
        return try self.step(
          product,
          (step.slices[1], step.slices[2]),
          step,
          &body
        ) { (_: ValueID, _: inout LayerContext) throws(GraphError) in
          (step.slices[3], step.slices[4])
        }
      }
    }

    let batch = try context.batchStatistics(product, axis: 1)
    let normalized = try context.normalized(
      product,
      mean: batch.mean,
      variance: batch.variance,
      scale: inputScale,
      epsilon: epsilon
    )
    try input.update(
      mean: context.apply("Squeeze", batch.mean, context.vector([1])),
      variance: context.apply("Squeeze", batch.variance, context.vector([1])),
      in: &context
    )
    return CellStep(
      slices: [try context.apply("Add", normalized, bias)],
      captures: captures,
      build: { (body: inout LayerContext, step: StepOperands) throws(GraphError) in
        let product = try body.recurrentProduct(step.states[0], step.captures[0])
        let batch = try body.batchStatistics(product, axis: 0)
        var used = [batch.mean, batch.variance]
        var results = try self.step(product, batch, step, &body) {
          (c: ValueID, body: inout LayerContext) throws(GraphError) in
          let batch = try body.batchStatistics(c, axis: 0)
          used += [batch.mean, batch.variance]
          return batch
        }
        for value in used {
          results.collected.append(try body.apply("Squeeze", value, body.vector([0])))
        }
        return results
      },
      finish: { (collected: [ValueID], context: inout LayerContext) throws(GraphError) in
        try recurrent.update(mean: collected[0], variance: collected[1], in: &context)
        try cell.update(mean: collected[2], variance: collected[3], in: &context)
      }
    )
  }

  private typealias Statistics = (mean: ValueID, variance: ValueID)

  private func statistics(
    _ name: String,
    _ features: Int,
    _ context: inout LayerContext
  ) throws(GraphError) -> StepStatistics {
    try StepStatistics(
      name,
      features: features,
      steps: statisticsSteps,
      momentum: momentum,
      in: &context
    )
  }

  /// The step from h R^T on, with its statistics and, once c' is there, those of c'.
  private func step(
    _ product: ValueID,
    _ recurrent: Statistics,
    _ step: StepOperands,
    _ body: inout LayerContext,
    ofCell: (ValueID, inout LayerContext) throws(GraphError) -> Statistics
  ) throws(GraphError) -> StepResults {
    let normalized = try body.normalized(
      product,
      mean: recurrent.mean,
      variance: recurrent.variance,
      scale: step.captures[1],
      epsilon: epsilon
    )
    let sums = try body.apply("Add", step.slices[0], normalized)
    let (c, gate) = try body.cellState(sums, step.states[1])
    let cell = try ofCell(c, &body)
    let scaled = try body.normalized(
      c,
      mean: cell.mean,
      variance: cell.variance,
      scale: step.captures[2],
      epsilon: epsilon
    )
    let shifted = try body.apply("Add", scaled, step.captures[3])
    return StepResults(states: [try body.apply("Mul", gate, body.apply("Tanh", shifted)), c])
  }
}
