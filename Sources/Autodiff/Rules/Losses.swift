import GraphIR
import Tensors

extension GradientRules {
  /// Losses, and dropout.
  static let losses: [OperatorName: GradientRule] = [
    "SoftmaxCrossEntropyLoss": crossEntropy,
    "NegativeLogLikelihoodLoss": negativeLogLikelihood,
    .martlet("SoftmaxCrossEntropyLossGradient"): crossEntropyGradient,
    "Dropout": dropout,
    .martlet("DropoutGradient"): dropoutGradient,
  ]

  private static func crossEntropy(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let (labels, weights) = (try c.input(1), c.optionalInput(2))
    let logProbabilities = try c.output(1)
    var result: ValueID?
    if c.hasOutputGradient(0) {
      result = try c.apply(
        .martlet("SoftmaxCrossEntropyLossGradient"),
        c.outputGradient(0),
        logProbabilities,
        labels,
        weights,
        attributes: c.node.attributes
      )
    }
    if c.hasOutputGradient(1) {
      let part = try c.apply(
        .martlet("LogSoftmaxGradient"),
        logProbabilities,
        c.outputGradient(1),
        attributes: ["axis": .int(1)]
      )
      if let first = result {
        result = try c.add(first, part)
      } else {
        result = part
      }
    }
    return [result]
  }

  /// -coefficient at the label: the cross-entropy's gradient, coefficient (exp(log p) - one hot), where every log p is far below 0.
  private static func negativeLogLikelihood(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let nowhere = try c.filled(-1e9, like: c.input(0))
    return [
      try c.apply(
        .martlet("SoftmaxCrossEntropyLossGradient"),
        c.outputGradient(),
        nowhere,
        c.input(1),
        c.optionalInput(2),
        attributes: c.node.attributes
      )
    ]
  }

  /// f = dy k (exp(l) - one hot) with the coefficients k of labels and weights: for an arriving g, dy gets the sum of g f / dy, and l
  /// gets g dy k exp(l), which is f minus f without its exponential.
  private static func crossEntropyGradient(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    let (dy, l, labels) = (try c.input(0), try c.input(1), try c.input(2))
    let (weights, g, attributes) = (c.optionalInput(3), try c.outputGradient(), c.node.attributes)
    var result: [ValueID?] = [nil, nil]
    if c.isWanted(0) {
      let unit = try c.apply(
        c.node.op,
        c.filled(1, like: dy),
        l,
        labels,
        weights,
        attributes: attributes
      )
      let axes = try c.node.string("reduction", default: "mean") == "none" ? [1] : nil
      result[0] = try c.reduceSum(c.multiply(g, unit), axes: axes, keepDimensions: false)
    }
    if c.isWanted(1) {
      let hot = try c.apply(
        c.node.op,
        dy,
        c.filled(-1e9, like: l),
        labels,
        weights,
        attributes: attributes
      )
      result[1] = try c.multiply(g, c.subtract(c.output(0), hot))
    }
    return result
  }

  private static func dropout(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let dy = try c.outputGradient()
    guard let training = c.optionalInput(2) else { return [dy] }
    if let constant = c.graph.constant(training), constant.dtype == .bool,
      constant.elements(of: Bool.self).first == false
    {
      return [dy]
    }
    let ratio: ValueID
    if let given = c.optionalInput(1) {
      ratio = given
    } else {
      ratio = try c.scalar(0.5, like: dy)
    }
    let gradient = try c.apply(.martlet("DropoutGradient"), dy, c.output(1), ratio)
    if c.graph.constant(training) != nil { return [gradient] }
    return [try c.apply("Where", training, gradient, dy)]
  }

  private static func dropoutGradient(
    _ c: inout GradientContext
  ) throws(GraphError) -> [ValueID?] {
    [try c.apply(c.node.op, c.outputGradient(), c.input(1), c.input(2))]
  }
}
