/// Expected SARSA (van Seijen and others 2009; Sutton & Barto 2018, section 6.6).
///
/// q(s, a) += rate (r + gamma sum over a' of p(a' | s') q(s', a') - q(s, a)), where p is how the agent explores: SARSA without the chance
/// in the choice of a'.
package struct ExpectedSARSA: TabularLearner {
  package private(set) var table: QTable
  /// gamma, 0 to 1.
  package let discount: Float
  package let rate: TabularRate
  /// p: how the agent chooses.
  package let exploration: any Exploration
  private var step = 0

  package init(
    table: QTable,
    discount: Float,
    rate: TabularRate,
    exploration: any Exploration
  ) {
    self.table = table
    self.discount = discount
    self.rate = rate
    self.exploration = exploration
  }

  package mutating func learn(_ transition: TabularTransition, nextAction: Int) {
    let following = transition.isTerminated ? 0 : discount * expectedValue(transition.next)
    table.update(
      transition.state,
      transition.action,
      target: transition.reward + following,
      rate: rate,
      step: step
    )
    step += 1
  }

  private func expectedValue(_ state: Int) -> Float {
    table.withRow(state, step: step) { row in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: row.values.count) { probabilities in
        exploration.writeProbabilities(of: row, into: probabilities)
        var sum: Float = 0
        for action in row.values.indices where row.allows(action) {
          sum += probabilities[action] * row.values[action]
        }
        return sum
      }
    }
  }
}
