package import GraphIR

/// Losses of padded sequences: each a mean over the elements that count (a scalar), 0 where none does.
package enum SequenceLoss {
  /// The mean over the tokens of -log softmax(logits)[label], in nats.
  ///
  /// logits [N, T, V]; labels int64 [N, T], also behind a sequence's end in 0..<V; mask [N, T], 1 for the tokens that count (all when
  /// `nil`). With label smoothing e the target is 1 - e at the label and e / V everywhere (Szegedy and others 2016).
  ///
  /// - Throws: `GraphError.invalid` where V is not known or the smoothing is not in [0, 1).
  package static func softmaxCrossEntropy(
    logits: ValueID,
    labels: ValueID,
    mask: ValueID? = nil,
    labelSmoothing: Float = 0,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    guard labelSmoothing >= 0, labelSmoothing < 1 else {
      throw .invalid("label smoothing \(labelSmoothing) is not in [0, 1)")
    }
    let classes = try context.size(of: logits, axis: 2, for: "SoftmaxCrossEntropyLoss")
    // The fused loss has a row for each token.
    let rows = try context.apply("Reshape", logits, context.vector([-1, classes]))
    let outputs = try context.graph.apply(
      "SoftmaxCrossEntropyLoss",
      [rows, context.apply("Reshape", labels, context.vector([-1]))],
      ["reduction": .string("none")],
      name: context.graph.freshName(context.scopedName("SoftmaxCrossEntropyLoss")),
      outputCount: 2
    ).compactMap { $0 }
    guard outputs.count == 2 else { throw .invalid("the loss has \(outputs.count) outputs") }
    var losses = outputs[0]
    if labelSmoothing > 0 {
      let uniform = try context.apply(
        "ReduceMean",
        outputs[1],
        context.vector([-1]),
        attributes: ["keepdims": .int(0)]
      )
      losses = try context.apply(
        "Sub",
        context.apply("Mul", losses, context.scalar(1 - labelSmoothing)),
        context.apply("Mul", uniform, context.scalar(labelSmoothing))
      )
    }
    guard let mask else { return try mean(losses, in: &context) }
    let counts = try context.apply("Reshape", mask, context.vector([-1]))
    return try weightedMean(losses, counts, in: &context)
  }

  /// The mean of (prediction - target)^2 over the features of the steps that count.
  ///
  /// predictions and targets [N, T, F]; mask [N, T], all steps when `nil`.
  package static func squaredError(
    predictions: ValueID,
    targets: ValueID,
    mask: ValueID? = nil,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    let difference = try context.apply("Sub", predictions, targets)
    let squares = try context.apply("Mul", difference, difference)
    guard let mask else { return try mean(squares, in: &context) }
    let steps = try context.apply(
      "ReduceMean",
      squares,
      context.vector([-1]),
      attributes: ["keepdims": .int(0)]
    )
    return try weightedMean(steps, mask, in: &context)
  }

  private static func mean(
    _ value: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    try context.apply("ReduceMean", value, attributes: ["keepdims": .int(0)])
  }

  /// sum(weights * values) / max(sum(weights), 1) for weights of 0 and 1.
  private static func weightedMean(
    _ values: ValueID,
    _ weights: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    func total(
      _ value: ValueID,
      _ context: inout LayerContext
    ) throws(GraphError) -> ValueID {
      try context.apply("ReduceSum", value, attributes: ["keepdims": .int(0)])
    }
    let sum = try total(context.apply("Mul", values, weights), &context)
    let count = try context.apply("Max", total(weights, &context), context.scalar(1))
    return try context.apply("Div", sum, count)
  }
}
