package import Training

/// With probability epsilon any allowed action, all alike; else the best (Sutton & Barto 2018, section 2.2).
///
/// Epsilon is a schedule over the agent's steps: `.constant(0.1)`, or decaying, as `.linear(rate: 1, final: 0.05, steps: 10_000)` or
/// `.exponential(rate: 1, factor: 0.5, over: 1_000)`. What it gives beyond 0 and 1 counts as these.
package struct EpsilonGreedy: Exploration {
  package var epsilon: LearningRateSchedule

  package init(_ epsilon: LearningRateSchedule) {
    self.epsilon = epsilon
  }

  /// The best action always.
  package static let greedy = EpsilonGreedy(.constant(0))

  /// The share of random choices at a step, 0 to 1.
  package func share(at step: Int) -> Float { min(max(epsilon.rate(at: step), 0), 1) }

  package func writeProbabilities(
    of row: ActionRow,
    into probabilities: UnsafeMutableBufferPointer<Float>
  ) {
    let share = share(at: row.step)
    RandomExploration().writeProbabilities(of: row, into: probabilities)
    for action in row.values.indices { probabilities[action] *= share }
    probabilities[row.greedyAction] += 1 - share
  }
}
