/// SARSA (Rummery & Niranjan 1994; Sutton & Barto 2018, section 6.4): s, a, r, s', a'.
///
/// q(s, a) += rate (r + gamma q(s', a') - q(s, a)). It learns what the agent's own way of acting is worth, its exploration included.
package struct SARSA: TabularLearner {
  package private(set) var table: QTable
  /// gamma, 0 to 1.
  package let discount: Float
  package let rate: TabularRate
  private var step = 0

  package init(table: QTable, discount: Float, rate: TabularRate) {
    self.table = table
    self.discount = discount
    self.rate = rate
  }

  package mutating func learn(_ transition: TabularTransition, nextAction: Int) {
    let following =
      transition.isTerminated
      ? 0 : discount * table.values[transition.next * table.actionCount + nextAction]
    table.update(
      transition.state,
      transition.action,
      target: transition.reward + following,
      rate: rate,
      step: step
    )
    step += 1
  }
}
