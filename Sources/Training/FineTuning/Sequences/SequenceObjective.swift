import GraphIR
import NN
import Tensors

/// What a sequence model learns: which targets stand beside its output, and the loss between the two.
package enum SequenceObjective: Sendable {
  /// The next token of each one, or a label for each: cross-entropy over the tokens that count.
  ///
  /// Columns: labels int64 [N,T], weights float32 [N,T].
  case tokens
  /// A class of the whole sequence: cross-entropy. Column: labels int64 [N].
  case classes
  /// The next value of each one: mean squared error. Column: values float32 [N,T,1].
  case values

  /// What `add` has added.
  struct Values {
    /// The placeholders of the columns.
    let inputs: [ValueID]
    let loss: ValueID
    /// The number of right answers; nil for values.
    let correct: ValueID?
  }

  /// Adds the targets' placeholders and the loss.
  ///
  /// - Throws: `FineTuningError.model` for an output of another rank than the objective has; `GraphError`.
  func add(to output: ValueID, in context: inout LayerContext) throws -> Values {
    let type = context.graph[output].type
    let rank = if case .classes = self { 2 } else { 3 }
    guard type.dtype == .float32, let sizes = type.shape.dimensions, sizes.count == rank else {
      throw FineTuningError.model(
        "its output '\(context.graph[output].name)' is \(type), expected float32 of rank \(rank)"
      )
    }
    let rows = PartialShape(Array(sizes.dropLast()))
    switch self {
    case .values:
      let targets = try context.graph.placeholder(
        context.graph.freshName("targets"),
        .float32,
        PartialShape(sizes)
      )
      let loss = try Loss.meanSquaredError(
        predictions: output,
        targets: targets,
        in: &context
      )
      return Values(inputs: [targets], loss: loss, correct: nil)
    case .classes:
      let labels = try labels(rows, in: &context)
      return Values(
        inputs: [labels],
        loss: try Loss.softmaxCrossEntropy(logits: output, labels: labels, in: &context),
        correct: try Metrics.correctCount(logits: output, labels: labels, in: &context)
      )
    case .tokens:
      let labels = try labels(rows, in: &context)
      let weights = try context.graph.placeholder(
        context.graph.freshName("weights"),
        .float32,
        rows
      )
      let loss = try SequenceLoss.softmaxCrossEntropy(
        logits: output,
        labels: labels,
        mask: weights,
        in: &context
      )
      let correct = try Self.correctCount(output, labels, weights, in: &context)
      return Values(inputs: [labels, weights], loss: loss, correct: correct)
    }
  }

  private func labels(
    _ shape: PartialShape,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    try context.graph.placeholder(context.graph.freshName("labels"), .int64, shape)
  }

  /// The number of tokens that count and whose largest logit is the label's.
  private static func correctCount(
    _ logits: ValueID,
    _ labels: ValueID,
    _ weights: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    let best = try context.apply(
      "ArgMax",
      logits,
      attributes: ["axis": .int(-1), "keepdims": .int(0)]
    )
    let hits = try context.apply("CastLike", context.apply("Equal", best, labels), weights)
    let counted = try context.apply("Mul", hits, weights)
    return try context.apply("ReduceSum", counted, attributes: ["keepdims": .int(0)])
  }
}
