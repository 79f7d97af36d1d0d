import Datasets
package import GraphIR
package import NN
package import Tensors
package import Training

/// A recurrent network that labels a text (N to 1), or each of its tokens (N to N).
///
///     x = embedding[tokens]     y = stack(x)     a text: logits = [mean y; max y] W + b     tokens: logits = y W + b
///
/// tokens [N, T]; x [N, T, E]; y [N, T, F]; logits [N, L] or [N, T, L]. One network, three graphs: to train, to measure and to serve.
package struct TextLabeller: Sendable {
  /// What is labelled.
  package enum Output: Sendable, Hashable {
    /// The text: its steps are pooled over time, by their mean and by their maximum.
    case text
    /// Its tokens. In training a second output learns as many other labels, 0 for none, from the same y (Collobert and others 2011).
    case tokens(auxiliaryCount: Int)
  }

  package var output: Output
  /// L.
  package var labelCount: Int
  /// V.
  package var tokenCount: Int
  /// E.
  package var embeddingSize: Int
  /// What the embedding starts from, [V, E]; drawn when `nil`.
  package var vectors: Tensor?
  /// The recurrent layers.
  package var stack: RecurrentStack
  /// Dropout of the embeddings and before the logits; between the layers it is the stack's.
  package var dropout: Float
  /// Share of tokens that training reads as unknown.
  package var tokenDropout: Float
  /// Measured and served are moving averages of the weights with this decay; the weights themselves when `nil`.
  package var averageDecay: Float?
  package var seed: UInt64

  package init(
    _ output: Output,
    labelCount: Int,
    tokenCount: Int,
    embeddingSize: Int,
    vectors: Tensor? = nil,
    stack: RecurrentStack,
    dropout: Float,
    tokenDropout: Float = 0,
    averageDecay: Float? = nil,
    seed: UInt64
  ) {
    self.output = output
    self.labelCount = labelCount
    self.tokenCount = tokenCount
    self.embeddingSize = embeddingSize
    self.vectors = vectors
    self.stack = stack
    self.dropout = dropout
    self.tokenDropout = tokenDropout
    self.averageDecay = averageDecay
    self.seed = seed
  }

  /// What the loss of the second output counts beside the first one's.
  private static let auxiliaryShare: Float = 0.5

  /// One optimisation step; columns as `LabelledTexts` has them.
  package func trainingGraph(
    _ optimizer: any Optimizer,
    clipping: GradientClipping
  ) throws(GraphError) -> TrainingGraph {
    var context = LayerContext(mode: .training, seed: seed)
    let parts = try measured(in: &context)
    return try TrainingGraph(
      context,
      inputs: parts.inputs,
      loss: parts.loss,
      correct: parts.correct,
      optimizer: averageDecay.map { WeightAveraging(optimizer, decay: $0) } ?? optimizer,
      clipping: clipping
    )
  }

  /// The mean loss of a batch in nats per label, and the number of right ones.
  package func evaluationGraph() throws(GraphError) -> EvaluationGraph {
    var context = LayerContext(mode: .inference, seed: seed, drawsInitialValues: false)
    let parts = try inScope(&context) { (context: inout LayerContext) throws(GraphError) in
      try measured(in: &context)
    }
    return EvaluationGraph(
      context,
      inputs: parts.inputs,
      loss: parts.loss,
      correct: parts.correct
    )
  }

  /// `tokens` int64 [N, T] and `lengths` int32 [N] to `logits`.
  ///
  /// - Throws: `TrainingError.checkpoint` for a variable without a value.
  package func servingGraph(weights: [String: Tensor]) throws -> Graph {
    var context = LayerContext(mode: .inference, drawsInitialValues: false)
    let (tokens, lengths) = try Self.inputs(in: &context)
    let logits = try inScope(&context) { (context: inout LayerContext) throws(GraphError) in
      let y = try features(tokens, lengths, in: &context)
      return try Dense("output", labelCount)(y, in: &context)
    }
    try context.graph.rename(logits, to: "logits")
    context.graph.outputs = [logits]
    try context.load(weights)
    return context.graph
  }

  /// Builds with the averages where there are any.
  private func inScope<Result>(
    _ context: inout LayerContext,
    _ body: (inout LayerContext) throws(GraphError) -> Result
  ) throws(GraphError) -> Result {
    averageDecay == nil ? try body(&context) : try context.scoped(WeightAveraging.scope, body)
  }

  private static func inputs(
    in context: inout LayerContext
  ) throws(GraphError) -> (tokens: ValueID, lengths: ValueID) {
    (
      try context.graph.placeholder("tokens", .int64, [.symbol("N"), .symbol("T")]),
      try context.graph.placeholder("lengths", .int32, [.symbol("N")])
    )
  }

  /// What the logits are made of, [N, F'] or [N, T, F].
  private func features(
    _ tokens: ValueID,
    _ lengths: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    let read = try TokenDropout(tokenDropout, replacement: Vocabulary.unknown)(
      tokens,
      in: &context
    )
    let embedding = Embedding(
      "embedding",
      count: tokenCount,
      size: embeddingSize,
      vectors: vectors
    )
    let x = try SequenceDropout(dropout)(embedding(read, in: &context), in: &context)
    var y = try stack(x, lengths: lengths, in: &context).steps
    if output == .text {
      let mean = try TimePooling.mean(y, lengths: lengths, in: &context)
      let max = try TimePooling.max(y, lengths: lengths, in: &context)
      y = try context.apply("Concat", mean, max, attributes: ["axis": .int(-1)])
    }
    return try Dropout(dropout)(y, in: &context)
  }

  private func measured(
    in context: inout LayerContext
  ) throws(GraphError) -> (inputs: [ValueID], loss: ValueID, correct: ValueID) {
    let (tokens, lengths) = try Self.inputs(in: &context)
    let y = try features(tokens, lengths, in: &context)
    let logits = try Dense("output", labelCount)(y, in: &context)
    switch output {
    case .text:
      let labels = try context.graph.placeholder("labels", .int64, [.symbol("N")])
      return (
        [tokens, lengths, labels],
        try Loss.softmaxCrossEntropy(logits: logits, labels: labels, in: &context),
        try Metrics.correctCount(logits: logits, labels: labels, in: &context)
      )
    case .tokens(let auxiliaryCount):
      let labels = try TokenLabels("labels", in: &context)
      var loss = try labels.loss(logits, in: &context)
      var inputs = [tokens, lengths, labels.input]
      if auxiliaryCount > 0 {
        let others = try TokenLabels("auxiliary_labels", in: &context)
        inputs.append(others.input)
        if context.mode == .training {
          let logits = try Dense("auxiliary", auxiliaryCount)(y, in: &context)
          let share = try context.apply(
            "Mul",
            others.loss(logits, in: &context),
            context.scalar(Self.auxiliaryShare)
          )
          loss = try context.apply("Add", loss, share)
        }
      }
      return (inputs, loss, try labels.correctCount(logits, in: &context))
    }
  }
}

/// Labels of tokens as a batch has them: int64 [N, T], 0 for a token without a label, k + 1 for label k.
private struct TokenLabels {
  let input: ValueID
  /// Label, 0 where there is none, [N, T].
  private let labels: ValueID
  /// 1 where there is a label, [N, T].
  private let mask: ValueID

  init(_ name: String, in context: inout LayerContext) throws(GraphError) {
    input = try context.graph.placeholder(name, .int64, [.symbol("N"), .symbol("T")])
    mask = try context.apply(
      "Cast",
      context.apply("Greater", input, context.vector([0])),
      attributes: ["to": .int(DType.float32.onnxCode)]
    )
    labels = try context.apply(
      "Max",
      context.apply("Sub", input, context.vector([1])),
      context.vector([0])
    )
  }

  func loss(_ logits: ValueID, in context: inout LayerContext) throws(GraphError) -> ValueID {
    try SequenceLoss.softmaxCrossEntropy(logits: logits, labels: labels, mask: mask, in: &context)
  }

  func correctCount(
    _ logits: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    try Metrics.correctCount(logits: logits, labels: labels, weights: mask, in: &context)
  }
}
