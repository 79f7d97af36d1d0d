import Tensors

extension OperatorRegistry {
  /// Dropout and the losses over class labels, with their gradients.
  static let losses: [OperatorDefinition] = [
    OperatorDefinition(
      "Dropout",
      inputs: 1...3,
      outputs: 1...2,
      isRandom: true,
      summary: "In training zeroes elements with probability ratio and scales the rest",
      infer: inferDropout
    ),
    OperatorDefinition(
      .martlet("DropoutGradient"),
      inputs: 3...3,
      summary: "dx of Dropout from (dy, mask, ratio): dy / (1 - ratio) where the mask is set",
      infer: inferDropoutGradient
    ),
    OperatorDefinition(
      "SoftmaxCrossEntropyLoss",
      inputs: 2...3,
      outputs: 1...2,
      summary: "-log softmax(scores)[label] * weights[label], reduced; and log softmax(scores)"
    ) { context throws(GraphError) in
      [try context.lossType(), try context.type(0)]
    },
    OperatorDefinition(
      "NegativeLogLikelihoodLoss",
      inputs: 2...3,
      summary: "-input[label] * weights[label], reduced"
    ) { context throws(GraphError) in [try context.lossType()] },
    OperatorDefinition(
      .martlet("SoftmaxCrossEntropyLossGradient"),
      inputs: 3...4,
      summary: "dscores of SoftmaxCrossEntropyLoss from (dy, log_prob, labels, [weights])",
      infer: inferSoftmaxCrossEntropyLossGradient
    ),
  ]

  private static func inferDropout(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let x = try context.type(0, of: DType.floatingPointTypes)
    if context.hasInput(1) {
      _ = try context.type(1, of: DType.floatingPointTypes)
      try context.requireScalar(1)
    }
    if context.hasInput(2) {
      _ = try context.type(2, of: [.bool])
      try context.requireScalar(2)
    }
    return [x, ValueType(.bool, x.shape)]
  }

  private static func inferDropoutGradient(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let dy = try context.type(0, of: DType.floatingPointTypes)
    _ = try context.type(1, of: [.bool])
    _ = try context.type(2, of: DType.floatingPointTypes)
    try context.requireSameShape(0, 1)
    try context.requireScalar(2)
    return [dy]
  }

  private static func inferSoftmaxCrossEntropyLossGradient(
    _ context: ShapeContext
  ) throws(GraphError) -> [ValueType] {
    let scores = try context.type(1, of: DType.floatingPointTypes)
    try context.requireSameDType([0, 1, 3])
    let loss = try context.lossShape(scores: 1, labels: 2, weights: 3)
    let dy = try context.type(0)
    if let expected = loss.dimensions, let found = dy.shape.dimensions,
      expected.count != found.count || !zip(expected, found).allSatisfy({ $0.canEqual($1) })
    {
      throw context.error("dy is \(dy), the loss has the shape \(loss)")
    }
    return [scores]
  }
}

extension ShapeContext {
  /// The type of a loss over scores (input 0) and labels (input 1), weighted by input 2.
  fileprivate func lossType() throws(GraphError) -> ValueType {
    let scores = try type(0, of: DType.floatingPointTypes)
    try requireSameDType([0, 2])
    return ValueType(scores.dtype, try lossShape(scores: 0, labels: 1, weights: 2))
  }

  /// scores [N, C, ...], labels [N, ...], weights [C] -> [N, ...] without reduction, else a scalar.
  fileprivate func lossShape(
    scores: Int,
    labels: Int,
    weights: Int
  ) throws(GraphError) -> PartialShape {
    let reduction = try node.string("reduction", default: "mean")
    guard ["none", "mean", "sum"].contains(reduction) else {
      throw error("reduction is \(reduction), expected none, mean or sum")
    }
    let labelType = try type(labels, of: DType.indexTypes)
    guard let sizes = try type(scores).shape.dimensions else {
      return reduction == "none" ? labelType.shape : []
    }
    guard sizes.count >= 2 else {
      throw error("the scores are \(try type(scores)), expected [N, C, ...]")
    }
    try requireVector(weights, of: sizes[1])
    var expected = sizes
    expected.remove(at: 1)
    if let found = labelType.shape.dimensions {
      guard found.count == expected.count, zip(found, expected).allSatisfy({ $0.canEqual($1) })
      else { throw error("the labels are \(labelType), expected \(PartialShape(expected))") }
      expected = zip(expected, found).map { $0.merged(with: $1) }
    }
    return reduction == "none" ? PartialShape(expected) : []
  }
}
