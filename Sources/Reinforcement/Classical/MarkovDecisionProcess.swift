/// A finite Markov decision process: states, actions, and what follows each with which probability.
///
/// `p(s', r | s, a)` of Sutton and Barto, Reinforcement Learning (2018), section 3.1, as data.
package struct MarkovDecisionProcess: Equatable, Sendable {
  /// One thing that may follow.
  package struct Outcome: Equatable, Sendable {
    package var probability: Double
    package var next: Int
    package var reward: Double
    /// Whether the episode ends there, so that nothing of value follows.
    package var isTerminal: Bool

    package init(probability: Double, next: Int, reward: Double, isTerminal: Bool = false) {
      self.probability = probability
      self.next = next
      self.reward = reward
      self.isTerminal = isTerminal
    }
  }

  package let stateCount: Int
  package let actionCount: Int
  /// Of state s and action a at `[s * actionCount + a]`; empty where the action is not allowed in the state.
  package let outcomes: [[Outcome]]

  /// How far the probabilities of one action may add up to something else than 1.
  package static let probabilityTolerance = 1e-9

  /// - Throws: `ReinforcementError.process` naming the state and action whose outcomes are not a distribution over the states.
  package init(
    stateCount: Int,
    actionCount: Int,
    outcomes: [[Outcome]]
  ) throws(ReinforcementError) {
    guard stateCount > 0, actionCount > 0,
      !stateCount.multipliedReportingOverflow(by: actionCount).overflow,
      outcomes.count == stateCount * actionCount
    else {
      throw .process(
        "\(outcomes.count) rows of outcomes for \(stateCount) states and \(actionCount) actions"
      )
    }
    for (index, row) in outcomes.enumerated() where !row.isEmpty {
      let place = "state \(index / actionCount), action \(index % actionCount)"
      for outcome in row {
        guard (0..<stateCount).contains(outcome.next) else {
          throw .process("\(place) leads to state \(outcome.next) of \(stateCount)")
        }
        guard outcome.probability >= 0, outcome.reward.isFinite else {
          throw .process(
            "\(place) has probability \(outcome.probability) and reward \(outcome.reward)"
          )
        }
      }
      let sum = row.reduce(0) { $0 + $1.probability }
      guard abs(sum - 1) <= Self.probabilityTolerance else {
        throw .process("\(place): probabilities add up to \(sum), expected 1")
      }
    }
    self.stateCount = stateCount
    self.actionCount = actionCount
    self.outcomes = outcomes
  }

  /// What may follow an action.
  package func outcomes(state: Int, action: Int) -> [Outcome] {
    outcomes[state * actionCount + action]
  }
}
