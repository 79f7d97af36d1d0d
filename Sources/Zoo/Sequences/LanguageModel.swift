package import GraphIR
package import NN
package import Tensors
package import Training

/// A recurrent language model: the probability of every next token, given all before it.
///
///     x = embedding[tokens]     y, state' = stack(x, state)     logits = y W + b
///
/// tokens [N, T]; x [N, T, E]; y [N, T, H]; logits [N, T, V]. One network, three graphs: to train on windows of long texts with carried
/// state, to measure in the same way, and to serve, where states go in and out.
package struct LanguageModel: Sendable {
  /// V.
  package var tokenCount: Int
  /// E.
  package var embeddingSize: Int
  /// The recurrent layers, H units each.
  package var stack: RecurrentStack
  /// Dropout of the embeddings and of what the last layer gives; between the layers it is the stack's.
  package var dropout: Float
  package var seed: UInt64

  package init(
    tokenCount: Int,
    embeddingSize: Int,
    stack: RecurrentStack,
    dropout: Float,
    seed: UInt64
  ) {
    self.tokenCount = tokenCount
    self.embeddingSize = embeddingSize
    self.stack = stack
    self.dropout = dropout
    self.seed = seed
  }

  /// One optimisation step on a window of `streams` texts; columns as `StreamBatches` has them.
  package func trainingGraph(
    streams: Int,
    _ optimizer: any Optimizer,
    clipping: GradientClipping
  ) throws(GraphError) -> TrainingGraph {
    let parts = try windowed(.training, streams: streams)
    return try TrainingGraph(
      parts.context,
      inputs: parts.inputs,
      loss: parts.loss,
      optimizer: optimizer,
      clipping: clipping
    )
  }

  /// The mean loss of a window, in nats per token.
  package func evaluationGraph(streams: Int) throws(GraphError) -> EvaluationGraph {
    let parts = try windowed(.inference, streams: streams)
    return EvaluationGraph(parts.context, inputs: parts.inputs, loss: parts.loss)
  }

  /// A decoder: `tokens` [N, T] and the states to `logits` [N, T, V] and the new states.
  ///
  /// - Throws: `TrainingError.checkpoint` for a variable without a value.
  package func servingGraph(weights: [String: Tensor]) throws -> Graph {
    var context = LayerContext(mode: .inference, drawsInitialValues: false)
    let tokens = try context.graph.placeholder("tokens", .int64, [.symbol("N"), .symbol("T")])
    let states = try DecoderStates(of: stack, in: &context)
    let (logits, last) = try logits(tokens, from: states.initial, in: &context)
    try context.graph.rename(logits, to: "logits")
    context.graph.outputs = [logits] + (try states.give(last, in: &context))
    try context.load(weights)
    return context.graph
  }

  /// The network.
  private func logits(
    _ tokens: ValueID,
    from initial: [RecurrentState],
    in context: inout LayerContext
  ) throws(GraphError) -> (logits: ValueID, states: [RecurrentState]) {
    let embedding = Embedding("embedding", count: tokenCount, size: embeddingSize)
    let x = try SequenceDropout(dropout)(embedding(tokens, in: &context), in: &context)
    let output = try stack(x, initial: initial, in: &context)
    let y = try SequenceDropout(dropout)(output.steps, in: &context)
    return (try Dense("output", tokenCount)(y, in: &context), output.states)
  }

  private func windowed(
    _ mode: BuildMode,
    streams: Int
  ) throws(GraphError) -> (context: LayerContext, inputs: [ValueID], loss: ValueID) {
    var context = LayerContext(mode: mode, seed: seed, drawsInitialValues: mode == .training)
    let sizes: PartialShape = [.known(streams), .symbol("T")]
    let tokens = try context.graph.placeholder("tokens", .int64, sizes)
    let targets = try context.graph.placeholder("targets", .int64, sizes)
    let keep = try context.graph.placeholder("keep", .float32, [.known(streams)])
    var carried: [CarriedState] = []
    var initial: [RecurrentState] = []
    func carry(
      _ name: String,
      _ context: inout LayerContext
    ) throws(GraphError) -> ValueID {
      let state = try CarriedState(
        name,
        streams: streams,
        size: stack.layer.units,
        keep: keep,
        in: &context
      )
      carried.append(state)
      return state.initial
    }
    for layer in 0..<stack.depth {
      let hidden = try carry("carried/\(layer)/hidden", &context)
      let cell = stack.layer.cell == .lstm ? try carry("carried/\(layer)/cell", &context) : nil
      initial.append(RecurrentState(hidden: hidden, cell: cell))
    }
    let (logits, last) = try logits(tokens, from: initial, in: &context)
    let finals = last.flatMap { [$0.hidden] + ($0.cell.map { [$0] } ?? []) }
    for (state, final) in zip(carried, finals) { try state.carry(final, in: &context) }
    let loss = try SequenceLoss.softmaxCrossEntropy(
      logits: logits,
      labels: targets,
      in: &context
    )
    return (context, [tokens, targets, keep], loss)
  }
}
