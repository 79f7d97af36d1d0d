/// Tabular Q-learning (Watkins 1989; Sutton & Barto 2018, section 6.5).
///
/// q(s, a) += rate (r + gamma max over a' of q(s', a') - q(s, a)). It learns what the best actions are worth, whatever the agent does
/// meanwhile.
package struct QLearning: TabularLearner {
  package private(set) var table: QTable
  /// gamma, 0 to 1.
  package let discount: Float
  package let rate: TabularRate
  /// Added to the values of the next state before the greatest is taken, so that states with unknown actions are worth a visit.
  ///
  /// Choose with the same bonus: an agent that is greedy without it stays where unknown actions are near and never takes them.
  package let bonus: CountBonus?
  private var step = 0

  package init(table: QTable, discount: Float, rate: TabularRate, bonus: CountBonus? = nil) {
    self.table = table
    self.discount = discount
    self.rate = rate
    self.bonus = bonus
  }

  package mutating func learn(_ transition: TabularTransition, nextAction: Int) {
    let following = transition.isTerminated ? 0 : discount * worth(of: transition.next)
    table.update(
      transition.state,
      transition.action,
      target: transition.reward + following,
      rate: rate,
      step: step
    )
    step += 1
  }

  private func worth(of state: Int) -> Float {
    guard let bonus else { return table.greatestValue(state) }
    return table.withRow(state) { row in
      let raised = row.values.indices.map {
        row.values[$0] + bonus.bonus(visits: row.visits?[$0] ?? 0)
      }
      let greatest = raised.max() ?? 0
      return greatest > -.infinity ? greatest : 0
    }
  }
}
