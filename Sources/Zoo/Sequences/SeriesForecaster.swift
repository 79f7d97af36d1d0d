package import GraphIR
package import NN
package import ONNXFormat
package import Tensors
package import Training

/// A recurrent network that forecasts the next value of a seasonal series from all before it (delayed N to N).
///
///     b[t] = mean of y[t - S - w] ... y[t - S + w]     z[t] = y[t] - b[t]     h = stack(z)     y'[t + 1] = b[t + 1] + h[t] W + c
///
/// y is the series, or its logarithm; S the season, w the half-width of the mean over the time of year. The network sees only how far the
/// series is from where it was a season ago. Its last S + w values are a state like those of the layers, so that preparing the series
/// is a part of the graph: values [N, T, 1] and states in, forecast [N, T, 1] and new states out. The state of a series that begins
/// is zero: for the first S + w values b is 0 or a mean with zeros, and forecasts are of little use.
package struct SeriesForecaster: Sendable {
  /// S, steps.
  package var season: Int
  /// w, steps, at most S - 2.
  package var halfWidth: Int
  /// Whether the network reads the logarithm of the numbers, which are above 0.
  ///
  /// It is for series whose swings grow with their level.
  package var isLogarithmic: Bool
  /// The recurrent layers, forward.
  package var stack: RecurrentStack
  /// Before the output.
  package var dropout: Float
  package var seed: UInt64

  package init(
    season: Int,
    halfWidth: Int,
    isLogarithmic: Bool,
    stack: RecurrentStack,
    dropout: Float,
    seed: UInt64
  ) {
    self.season = season
    self.halfWidth = halfWidth
    self.isLogarithmic = isLogarithmic
    self.stack = stack
    self.dropout = dropout
    self.seed = seed
  }

  /// Values that the state holds, S + w: what a forecast needs to be of use.
  package var memorySize: Int { season + halfWidth }

  /// Smaller numbers count as this one where the logarithm is read.
  private static let smallestNumber: Float = 1e-6

  /// One optimisation step; columns as `SeriesWindows` has them.
  package func trainingGraph(
    _ optimizer: any Optimizer,
    clipping: GradientClipping
  ) throws(GraphError) -> TrainingGraph {
    var context = LayerContext(mode: .training, seed: seed)
    let (inputs, loss) = try measured(in: &context)
    return try TrainingGraph(
      context,
      inputs: inputs,
      loss: loss,
      optimizer: optimizer,
      clipping: clipping
    )
  }

  /// The mean squared error of y'.
  package func evaluationGraph() throws(GraphError) -> EvaluationGraph {
    var context = LayerContext(mode: .inference, seed: seed, drawsInitialValues: false)
    let (inputs, loss) = try measured(in: &context)
    return EvaluationGraph(context, inputs: inputs, loss: loss)
  }

  /// A decoder: `values` [N, T, 1] and the states to `forecast` [N, T, 1] and the new states.
  ///
  /// - Throws: `TrainingError.checkpoint` for a variable without a value.
  package func servingGraph(weights: [String: Tensor]) throws -> Graph {
    var context = LayerContext(mode: .inference, drawsInitialValues: false)
    let values = try context.graph.placeholder(
      "values",
      .float32,
      [.symbol("N"), .symbol("T"), 1]
    )
    let memory = try context.graph.placeholder(
      Self.memoryName,
      .float32,
      [.symbol("N"), .known(memorySize)]
    )
    let states = try DecoderStates(of: stack, in: &context)
    let step = try forecast(
      transformed(context.apply("Squeeze", values, context.vector([2])), in: &context),
      after: memory,
      from: states.initial,
      in: &context
    )
    var next = step.values
    if isLogarithmic { next = try context.apply("Exp", next) }
    let forecast = try context.apply("Unsqueeze", next, context.vector([2]))
    try context.graph.rename(forecast, to: "forecast")
    try context.graph.rename(step.memory, to: Self.memoryName + "_next")
    context.graph.outputs =
      [forecast, step.memory] + (try states.give(step.states, in: &context))
    try context.load(weights)
    return context.graph
  }

  /// What model.json says of the states.
  package var statePairs: [ModelManifest.StatePair] {
    [.init(input: Self.memoryName, output: Self.memoryName + "_next")]
      + DecoderStates.pairs(of: stack)
  }

  private static let memoryName = "state_memory"

  /// The training's windows as series [N, T + 1] with the weights of their forecasts [N, T].
  private func measured(
    in context: inout LayerContext
  ) throws(GraphError) -> (inputs: [ValueID], loss: ValueID) {
    let series = try context.graph.placeholder("series", .float32, [.symbol("N"), .symbol("U")])
    let weights = try context.graph.placeholder("weights", .float32, [.symbol("N"), .symbol("T")])
    let y = try transformed(series, in: &context)
    let read = try steps(of: y, from: 0, to: -1, in: &context)
    // Zeros before the window, as before a series that begins.
    let count = try context.sizeVector(of: series, axis: 0)
    let sizes = try context.apply(
      "Concat",
      count,
      context.vector([memorySize]),
      attributes: ["axis": .int(0)]
    )
    let memory = try context.apply("Expand", context.scalar(0), sizes)
    let step = try forecast(read, after: memory, from: nil, in: &context)
    let column = try context.vector([2])
    let loss = try SequenceLoss.squaredError(
      predictions: context.apply("Unsqueeze", step.values, column),
      targets: context.apply("Unsqueeze", steps(of: y, from: 1, in: &context), column),
      mask: weights,
      in: &context
    )
    return ([series, weights], loss)
  }

  private func transformed(
    _ values: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    guard isLogarithmic else { return values }
    return try context.apply(
      "Log",
      context.apply("Max", values, context.scalar(Self.smallestNumber))
    )
  }

  /// y [N, T] after a memory [N, S + w] to y' [N, T] and what comes of both.
  private func forecast(
    _ y: ValueID,
    after memory: ValueID,
    from initial: [RecurrentState]?,
    in context: inout LayerContext
  ) throws(GraphError) -> (values: ValueID, memory: ValueID, states: [RecurrentState]) {
    let all = try context.apply("Concat", memory, y, attributes: ["axis": .int(1)])
    let last = try context.apply(
      "Reshape",
      steps(of: all, from: -memorySize, in: &context),
      context.vector([-1, memorySize])
    )
    // The place i of `all` is the time i - S - w, so the mean over i ... i + 2 w is around the time i - S.
    let base = try smoothed(all, in: &context)
    let ahead = memorySize - 2 * halfWidth
    let now = try steps(of: base, from: 0, to: -ahead, in: &context)
    let next = try steps(of: base, from: 1, to: 1 - ahead, in: &context)
    let difference = try context.apply("Sub", y, now)
    let x = try context.apply("Unsqueeze", difference, context.vector([2]))
    let output = try stack(x, initial: initial, in: &context)
    let h = try SequenceDropout(dropout)(output.steps, in: &context)
    let change = try context.apply(
      "Squeeze",
      Dense("output", 1)(h, in: &context),
      context.vector([2])
    )
    return (try context.apply("Add", next, change), last, output.states)
  }

  /// A part of the steps of [N, U]; negative places count from the end.
  private func steps(
    of values: ValueID,
    from start: Int,
    to end: Int = .max,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    try context.apply(
      "Slice",
      values,
      context.vector([start]),
      context.vector([end]),
      context.vector([1])
    )
  }

  /// Means of 2 w + 1 neighbours: [N, U] to [N, U - 2 w].
  private func smoothed(
    _ values: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    guard halfWidth > 0 else { return values }
    let pooled = try context.apply(
      "AveragePool",
      context.apply("Unsqueeze", values, context.vector([1])),
      attributes: ["kernel_shape": .ints([2 * halfWidth + 1])]
    )
    return try context.apply("Squeeze", pooled, context.vector([1]))
  }
}
