package import GraphIR
package import NN
import ONNXFormat
package import Tensors
package import Training

/// A network that turns a source into a text: an encoder, and a recurrent decoder with or without attention (Sutskever, Vinyals, Le 2014;
/// Luong, Pham, Manning 2015).
///
///     x = embedding[tokens]     y, state' = stack(x, state)     c = attention(y, memory)     logits = tanh([y; c] U + d) W + b
///
/// tokens [N, T]; y [N, T, H]; c [N, T, A]; logits [N, T, V]. Without attention logits = y W + b. What attention looks at does not enter
/// the recurrence, so that a whole target runs through the fused layers at once.
package struct EncoderDecoder: Sendable {
  package var encoder: any EncoderNetwork
  /// V.
  package var tokenCount: Int
  package var embeddingSize: Int
  package var stack: RecurrentStack
  /// None: the decoder knows the source from its first state only.
  package var attention: Attention.Score?
  /// Dropout of the embeddings and before the logits.
  package var dropout: Float
  package var labelSmoothing: Float
  package var seed: UInt64

  package init(
    encoder: any EncoderNetwork,
    tokenCount: Int,
    embeddingSize: Int,
    stack: RecurrentStack,
    attention: Attention.Score?,
    dropout: Float,
    labelSmoothing: Float = 0,
    seed: UInt64
  ) {
    self.encoder = encoder
    self.tokenCount = tokenCount
    self.embeddingSize = embeddingSize
    self.stack = stack
    self.attention = attention
    self.dropout = dropout
    self.labelSmoothing = labelSmoothing
    self.seed = seed
  }

  /// One optimisation step; columns: the encoder's inputs, the target from the start token on, the target up to the end token, and its
  /// weights.
  package func trainingGraph(
    _ optimizer: any Optimizer,
    clipping: GradientClipping
  ) throws(GraphError) -> TrainingGraph {
    let parts = try teacherForced(.training)
    return try TrainingGraph(
      parts.context,
      inputs: parts.inputs,
      loss: parts.loss,
      optimizer: optimizer,
      clipping: clipping
    )
  }

  /// The mean loss of a batch in nats per token, without label smoothing.
  package func evaluationGraph() throws(GraphError) -> EvaluationGraph {
    let parts = try teacherForced(.inference)
    return EvaluationGraph(parts.context, inputs: parts.inputs, loss: parts.loss)
  }

  /// The source to what the decoder's inputs of the same names get.
  ///
  /// - Throws: `TrainingError.checkpoint` for a variable without a value.
  package func encoderGraph(weights: [String: Tensor]) throws -> Graph {
    var context = LayerContext(mode: .inference, drawsInitialValues: false)
    let inputs = try encoder.inputs(in: &context)
    let source = try encoder.encode(inputs, for: stack, in: &context)
    for (layer, state) in source.states.enumerated() {
      try context.graph.rename(state.hidden, to: DecoderStates.name(layer, "hidden"))
      context.graph.outputs.append(state.hidden)
      if let cell = state.cell {
        try context.graph.rename(cell, to: DecoderStates.name(layer, "cell"))
        context.graph.outputs.append(cell)
      }
    }
    if attention != nil {
      try context.graph.rename(source.memory, to: Self.memoryName)
      context.graph.outputs.append(source.memory)
      if let mask = source.mask {
        try context.graph.rename(mask, to: Self.maskName)
        context.graph.outputs.append(mask)
      }
    }
    try context.load(weights)
    return context.graph
  }

  /// `tokens` [N, T], states, memory and mask to `logits` [N, T, V] and the new states.
  ///
  /// - Throws: `TrainingError.checkpoint` for a variable without a value.
  package func decoderGraph(weights: [String: Tensor]) throws -> Graph {
    var context = LayerContext(mode: .inference, drawsInitialValues: false)
    let tokens = try context.graph.placeholder("tokens", .int64, [.symbol("N"), .symbol("T")])
    let states = try DecoderStates(of: stack, in: &context)
    var memory: ValueID?
    var mask: ValueID?
    if attention != nil {
      memory = try context.graph.placeholder(
        Self.memoryName,
        .float32,
        [
          .symbol("N"), encoder.memorySteps.map(Dimension.known) ?? .symbol("S"),
          .known(encoder.memorySize),
        ]
      )
      if encoder.hasMask {
        mask = try context.graph.placeholder(
          Self.maskName,
          .float32,
          [.symbol("N"), .symbol("S")]
        )
      }
    }
    let (logits, last) = try decode(
      tokens,
      from: states.initial,
      memory: memory,
      mask: mask,
      in: &context
    )
    try context.graph.rename(logits, to: "logits")
    context.graph.outputs = [logits] + (try states.give(last, in: &context))
    try context.load(weights)
    return context.graph
  }

  /// The decoder's inputs that the encoder fills and that stay the same from step to step.
  package var contextNames: [String] {
    guard attention != nil else { return [] }
    return [Self.memoryName] + (encoder.hasMask ? [Self.maskName] : [])
  }

  private static let memoryName = "memory"
  private static let maskName = "source_mask"

  private func decode(
    _ tokens: ValueID,
    from initial: [RecurrentState],
    memory: ValueID?,
    mask: ValueID?,
    in context: inout LayerContext
  ) throws(GraphError) -> (logits: ValueID, states: [RecurrentState]) {
    try context.scoped("decoder") { (context: inout LayerContext) throws(GraphError) in
      let embedding = Embedding("embedding", count: tokenCount, size: embeddingSize)
      let x = try SequenceDropout(dropout)(embedding(tokens, in: &context), in: &context)
      let output = try stack(x, initial: initial, in: &context)
      var y = output.steps
      if let attention, let memory {
        let seen = try Attention("attention", attention)(
          queries: y,
          keys: memory,
          mask: mask,
          in: &context
        ).context
        let both = try context.graph.apply1("Concat", [y, seen], ["axis": .int(-1)])
        y = try Dense("combine", stack.layer.units, activation: .tanh)(both, in: &context)
      }
      let dropped = try SequenceDropout(dropout)(y, in: &context)
      return (try Dense("output", tokenCount)(dropped, in: &context), output.states)
    }
  }

  private func teacherForced(
    _ mode: BuildMode
  ) throws(GraphError) -> (context: LayerContext, inputs: [ValueID], loss: ValueID) {
    var context = LayerContext(mode: mode, seed: seed, drawsInitialValues: mode == .training)
    let inputs = try encoder.inputs(in: &context)
    let sizes: PartialShape = [.symbol("N"), .symbol("T")]
    let tokens = try context.graph.placeholder("tokens", .int64, sizes)
    let targets = try context.graph.placeholder("targets", .int64, sizes)
    let weights = try context.graph.placeholder("weights", .float32, sizes)
    let source = try encoder.encode(inputs, for: stack, in: &context)
    let (logits, _) = try decode(
      tokens,
      from: source.states,
      memory: source.memory,
      mask: source.mask,
      in: &context
    )
    let loss = try SequenceLoss.softmaxCrossEntropy(
      logits: logits,
      labels: targets,
      mask: weights,
      labelSmoothing: mode == .training ? labelSmoothing : 0,
      in: &context
    )
    return (context, inputs + [tokens, targets, weights], loss)
  }
}
