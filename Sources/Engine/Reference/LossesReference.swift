import Glibc
import GraphIR
import Tensors

extension ReferenceOperators {
  static let losses: [OperatorName: ReferenceFunction] = [
    "Dropout": dropout,
    .martlet("DropoutGradient"): dropoutGradient,
    "SoftmaxCrossEntropyLoss": { call in
      let scores = try call.input(0)
      let layout = try ChannelLayout(call, scores.shape)
      let logarithms = logSoftmax(scores.doubles, layout)
      return [
        try labelLoss(call, logarithms, scores),
        Double.store(logarithms, as: scores.dtype, scores.shape),
      ]
    },
    "NegativeLogLikelihoodLoss": { call in
      let input = try call.input(0)
      return [try labelLoss(call, input.doubles, input)]
    },
    .martlet("SoftmaxCrossEntropyLossGradient"): softmaxCrossEntropyLossGradient,
  ]

  /// Element `i` is kept where word `i` of the node's stream, as a fraction of 2^32, is at least `ratio`.
  @Sendable private static func dropout(_ call: ReferenceCall) throws -> [Tensor?] {
    let x = try call.input(0)
    let ratio = try ratio(call, 1)
    let training = try call.optionalInput(2).map { _ in try call.scalar(2) != 0 } ?? false
    guard training, ratio > 0 else { return [x, Tensor(repeating: true, x.shape)] }
    var words = Philox(
      seed: call.random.seed,
      stream: call.random.stream(node: call.nodeIndex)
    )
    let mask = (0..<x.shape.elementCount).map { _ in Double(words.nextWord()) * 0x1p-32 >= ratio }
    let y = zip(x.doubles, mask).map { $1 ? $0 / (1 - ratio) : 0 }
    return [Double.store(y, as: x.dtype, x.shape), Tensor(mask, x.shape)]
  }

  @Sendable private static func dropoutGradient(_ call: ReferenceCall) throws -> [Tensor?] {
    let dy = try call.input(0)
    let mask = try call.input(1)
    guard mask.shape == dy.shape else {
      throw call.error("dy is \(dy.shape), the mask \(mask.shape)")
    }
    let ratio = try ratio(call, 2)
    let dx = zip(dy.doubles, mask.bools).map { $1 ? $0 / (1 - ratio) : 0 }
    return [Double.store(dx, as: dy.dtype, dy.shape)]
  }

  private static func ratio(_ call: ReferenceCall, _ index: Int) throws -> Double {
    guard call.optionalInput(index) != nil else { return 0.5 }
    let ratio = try call.scalar(index)
    guard ratio >= 0, ratio < 1 else {
      throw call.error("ratio is \(ratio), expected 0 to below 1")
    }
    return ratio
  }

  /// log softmax over the classes (axis 1).
  private static func logSoftmax(_ scores: [Double], _ layout: ChannelLayout) -> [Double] {
    var result = scores
    for place in 0..<layout.samples * layout.spatial {
      let first = place / layout.spatial * layout.channels * layout.spatial + place % layout.spatial
      let line = (0..<layout.channels).map { first + $0 * layout.spatial }
      let highest = line.reduce(-Double.infinity) { max($0, scores[$1]) }
      let sum = line.reduce(0) { $0 + exp(scores[$1] - highest) }
      for position in line { result[position] = scores[position] - highest - log(sum) }
    }
    return result
  }

  /// - loss: sum, mean or list of -logarithms[label] * weights[label].
  private static func labelLoss(
    _ call: ReferenceCall,
    _ logarithms: [Double],
    _ scores: Tensor
  ) throws -> Tensor {
    let places = try LabelledPlaces(call, scores: scores.shape, labels: 1, weights: 2)
    var losses = [Double](repeating: 0, count: places.labels.count)
    for (place, label) in places.labels.enumerated() {
      guard let label else { continue }
      losses[place] =
        -logarithms[places.position(of: place, label: label)] * places.weights[label]
    }
    switch places.reduction {
    case "none":
      return Double.store(losses, as: scores.dtype, try call.input(1).shape)
    case "sum":
      return Double.store([losses.reduce(0, +)], as: scores.dtype, [])
    default:
      return Double.store([losses.reduce(0, +) / places.totalWeight], as: scores.dtype, [])
    }
  }

  /// dscores = dy * weights[label] * (softmax - onehot(label)), divided by the total weight for the mean.
  @Sendable private static func softmaxCrossEntropyLossGradient(
    _ call: ReferenceCall
  ) throws -> [Tensor?] {
    let logProbabilities = try call.input(1)
    let places = try LabelledPlaces(call, scores: logProbabilities.shape, labels: 2, weights: 3)
    let dy = try call.input(0).doubles
    guard dy.count == (places.reduction == "none" ? places.labels.count : 1) else {
      throw call.error("dy has \(dy.count) elements, reduction is \(places.reduction)")
    }
    let values = logProbabilities.doubles
    var result = [Double](repeating: 0, count: values.count)
    for (place, label) in places.labels.enumerated() {
      guard let label else { continue }
      var upstream = places.reduction == "none" ? dy[place] : dy[0]
      upstream *= places.weights[label]
      if places.reduction == "mean" { upstream /= places.totalWeight }
      for candidate in places.weights.indices {
        let position = places.position(of: place, label: candidate)
        result[position] =
          upstream * (exp(values[position]) - (candidate == label ? 1 : 0))
      }
    }
    return [Double.store(result, as: logProbabilities.dtype, logProbabilities.shape)]
  }
}

/// The labels of a loss, checked.
private struct LabelledPlaces {
  /// By place (sample and spatial position); `nil` where the label is to be ignored.
  let labels: [Int?]
  /// By class.
  let weights: [Double]
  let reduction: String
  private let layout: ChannelLayout

  /// The weights of all labels that count.
  var totalWeight: Double { labels.reduce(0) { $0 + ($1.map { weights[$0] } ?? 0) } }

  /// - Throws: `GraphError.operands` for a label that is no class, shapes that do not fit, an unknown reduction.
  init(_ call: ReferenceCall, scores: Shape, labels: Int, weights: Int) throws {
    layout = try ChannelLayout(call, scores)
    let classes = layout.channels
    let given = try call.integers(labels)
    guard given.count == layout.channelCount else {
      throw call.error("\(given.count) labels for scores \(scores)")
    }
    let ignored: Int? =
      call.node.attributes["ignore_index"] == nil
      ? nil : try call.node.int("ignore_index", default: 0)
    self.labels = try given.map { label in
      if label == ignored { return nil }
      guard (0..<classes).contains(label) else {
        throw call.error("label \(label) is outside of 0..<\(classes)")
      }
      return label
    }
    self.weights =
      call.optionalInput(weights)?.doubles ?? [Double](repeating: 1, count: classes)
    guard self.weights.count == classes else {
      throw call.error("\(self.weights.count) weights for \(classes) classes")
    }
    reduction = try call.node.string("reduction", default: "mean")
    guard ["none", "mean", "sum"].contains(reduction) else {
      throw call.error("reduction is \(reduction), expected none, mean or sum")
    }
  }

  /// Where the score of a class stands.
  func position(of place: Int, label: Int) -> Int {
    (place / layout.spatial * layout.channels + label) * layout.spatial + place % layout.spatial
  }
}
