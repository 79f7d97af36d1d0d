/// True online SARSA(lambda) with linear values over binary features (van Seijen and others 2016; Sutton & Barto 2018, section 12.7).
///
/// q(s, a) is the sum of one weight for each feature that is on. With x the features of the step, z the traces:
/// z = gamma lambda z + (1 - rate gamma lambda z·x) x, then w += rate (delta + q - qOld) z - rate (q - qOld) x.
package struct TrueOnlineSARSA: Sendable {
  package let featureCount: Int
  package let actionCount: Int
  /// gamma, 0 to 1.
  package let discount: Float
  /// lambda, 0 to 1: how far back a surprise is felt.
  package let traceDecay: Float
  /// Of one feature: a share of 1 over the features that are on at once; may change between episodes.
  package var rate: Float
  /// w of action a and feature f at `[a * featureCount + f]`.
  package private(set) var weights: [Float]
  private var traces: [Float]
  private var oldValue: Float = 0

  /// Weights of zero.
  ///
  /// - Precondition: `featureCount` and `actionCount` are above 0.
  package init(
    featureCount: Int,
    actionCount: Int,
    discount: Float,
    traceDecay: Float,
    rate: Float
  ) {
    precondition(
      featureCount > 0 && actionCount > 0,
      "\(featureCount) features, \(actionCount) actions"
    )
    self.featureCount = featureCount
    self.actionCount = actionCount
    self.discount = discount
    self.traceDecay = traceDecay
    self.rate = rate
    weights = [Float](repeating: 0, count: featureCount * actionCount)
    traces = weights
  }

  /// q(s, a).
  package func value(_ features: [Int], _ action: Int) -> Float {
    features.reduce(0) { $0 + weights[action * featureCount + $1] }
  }

  /// q(s, a) of every action.
  package func values(_ features: [Int]) -> [Float] {
    (0..<actionCount).map { value(features, $0) }
  }

  /// Forgets the steps of the last episode, not what was learnt.
  package mutating func beginEpisode() {
    for index in traces.indices { traces[index] = 0 }
    oldValue = 0
  }

  /// Learns from one step.
  ///
  /// - Parameters:
  ///   - features: What was on, each once.
  ///   - action: What was done.
  ///   - reward: What came of it.
  ///   - next: What is on now and what will be done; `nil` after a terminal step.
  package mutating func learn(
    _ features: [Int],
    _ action: Int,
    reward: Float,
    next: (features: [Int], action: Int)?
  ) {
    let value = value(features, action)
    let nextValue = next.map { self.value($0.features, $0.action) } ?? 0
    let surprise = reward + discount * nextValue - value
    let base = action * featureCount
    let overlap = features.reduce(0) { $0 + traces[base + $1] }
    let decay = discount * traceDecay
    for index in traces.indices { traces[index] *= decay }
    for feature in features { traces[base + feature] += 1 - rate * decay * overlap }
    let step = rate * (surprise + value - oldValue)
    for index in weights.indices { weights[index] += step * traces[index] }
    for feature in features { weights[base + feature] -= rate * (value - oldValue) }
    oldValue = nextValue
  }
}
