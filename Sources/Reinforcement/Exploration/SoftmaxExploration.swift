import Glibc
package import Training

/// Boltzmann's distribution: p(a) = exp(q(a) / T) / sum over b of exp(q(b) / T) (Sutton & Barto 2018, section 2.8).
///
/// The temperature T is a schedule over the agent's steps, in the unit of the values: far above their differences every action is as
/// likely, at 0 or below only the best one is. Where the greatest value is infinite it is taken.
package struct SoftmaxExploration: Exploration {
  package var temperature: LearningRateSchedule

  package init(temperature: LearningRateSchedule) {
    self.temperature = temperature
  }

  package func writeProbabilities(
    of row: ActionRow,
    into probabilities: UnsafeMutableBufferPointer<Float>
  ) {
    let temperature = temperature.rate(at: row.step)
    let best = row.greedyAction
    guard temperature > 0, row.allows(best), row.values[best].isFinite else {
      return probabilities.initialize(certain: best)
    }
    var sum: Float = 0
    for action in row.values.indices {
      let weight =
        row.allows(action) ? expf((row.values[action] - row.values[best]) / temperature) : 0
      probabilities.initializeElement(at: action, to: weight)
      sum += weight
    }
    for action in row.values.indices { probabilities[action] /= sum }
  }
}
