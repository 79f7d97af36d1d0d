package import GraphIR
import Tensors

/// Losses, each the mean over the batch (a scalar).
package enum Loss {
  /// -log softmax(logits)[label].
  ///
  /// logits [N, K] (or [N, K, ...]); labels [N] int64.
  package static func softmaxCrossEntropy(
    logits: ValueID,
    labels: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    let outputs = try context.graph.apply(
      "SoftmaxCrossEntropyLoss",
      [logits, labels],
      ["reduction": .string("mean")],
      name: context.graph.freshName("SoftmaxCrossEntropyLoss"),
      outputCount: 2
    )
    guard case .some(let loss) = outputs[0] else { throw .invalid("the loss has no output") }
    return loss
  }

  /// -sum over the classes of target log softmax(logits).
  ///
  /// logits and targets [N, K]; each row of targets sums to 1.
  package static func softCrossEntropy(
    logits: ValueID,
    targets: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    let logs = try context.apply("LogSoftmax", logits, attributes: ["axis": .int(-1)])
    let products = try context.apply("Mul", targets, logs)
    let rows = try context.apply(
      "ReduceSum",
      products,
      context.vector([-1]),
      attributes: ["keepdims": .int(0)]
    )
    return try context.apply("Neg", mean(rows, &context))
  }

  /// Multi-label cross-entropy of sigmoid(logits): max(x, 0) - x z + log(1 + exp(-|x|)), which never overflows.
  ///
  /// logits and targets z have the same shape.
  package static func sigmoidCrossEntropy(
    logits: ValueID,
    targets: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    // max(x, 0) + log(1 + exp(-|x|)) is softplus(x).
    let softplus = try context.apply("Softplus", logits)
    let products = try context.apply("Mul", logits, targets)
    return try mean(context.apply("Sub", softplus, products), &context)
  }

  /// mean (prediction - target)^2 of operands of the same shape.
  package static func meanSquaredError(
    predictions: ValueID,
    targets: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    let difference = try context.apply("Sub", predictions, targets)
    return try mean(context.apply("Mul", difference, difference), &context)
  }

  /// mean |prediction - target| of operands of the same shape.
  package static func meanAbsoluteError(
    predictions: ValueID,
    targets: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    let difference = try context.apply("Sub", predictions, targets)
    return try mean(context.apply("Abs", difference), &context)
  }

  /// Quadratic up to `delta`, linear beyond (Huber 1964), of operands of the same shape.
  ///
  /// d^2 / 2 for |d| <= delta, else delta (|d| - delta / 2).
  package static func huber(
    predictions: ValueID,
    targets: ValueID,
    delta: Float = 1,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    let difference = try context.apply("Sub", predictions, targets)
    return try mean(huberTerms(difference, delta: delta, in: &context), &context)
  }

  /// The Huber loss of each error, of any shape, kept: c (d - c / 2) with c = d cut to [-delta, delta].
  ///
  /// Its gradient is c.
  package static func huberTerms(
    _ errors: ValueID,
    delta: Float = 1,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    let cut = try context.apply("Clip", errors, context.scalar(-delta), context.scalar(delta))
    let half = try context.apply("Mul", cut, context.scalar(0.5))
    return try context.apply("Mul", cut, context.apply("Sub", errors, half))
  }

  /// strength / 2 times the sum of the squares of all weights (not biases) made so far.
  package static func l2Penalty(
    strength: Float,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    var terms: [ValueID?] = []
    for variable in context.decayedVariables {
      terms.append(
        try context.apply("ReduceSumSquare", variable, attributes: ["keepdims": .int(0)])
      )
    }
    guard !terms.isEmpty else { return try context.scalar(0) }
    let sum = try context.graph.apply1("Sum", terms)
    return try context.apply("Mul", sum, context.scalar(strength / 2))
  }

  private static func mean(
    _ value: ValueID,
    _ context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    try context.apply("ReduceMean", value, attributes: ["keepdims": .int(0)])
  }
}
