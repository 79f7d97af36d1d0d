/// A value for every state and action, and how often each was learnt from.
package struct QTable: Equatable, Sendable {
  package let stateCount: Int
  package let actionCount: Int
  /// q(s, a) at `[s * actionCount + a]`; minus infinity where the action is not allowed.
  package private(set) var values: [Float]
  /// Updates of each value.
  package private(set) var visits: [UInt32]

  /// A table of one value.
  ///
  /// An initial value above what can be reached is optimism: whatever is tried disappoints, so a greedy agent tries everything (Sutton &
  /// Barto 2018, section 2.6).
  ///
  /// - Precondition: `stateCount` and `actionCount` are above 0.
  package init(stateCount: Int, actionCount: Int, initialValue: Float = 0) {
    precondition(stateCount > 0 && actionCount > 0, "\(stateCount) states, \(actionCount) actions")
    self.stateCount = stateCount
    self.actionCount = actionCount
    values = [Float](repeating: initialValue, count: stateCount * actionCount)
    visits = [UInt32](repeating: 0, count: values.count)
  }

  /// A table for a process, in which what is not allowed is minus infinity.
  package init(for process: MarkovDecisionProcess, initialValue: Float = 0) {
    self.init(
      stateCount: process.stateCount,
      actionCount: process.actionCount,
      initialValue: initialValue
    )
    for (index, outcomes) in process.outcomes.enumerated() where outcomes.isEmpty {
      values[index] = -.infinity
    }
  }

  /// The actions of a state, in `body`.
  package func withRow<Result>(
    _ state: Int,
    step: Int = 0,
    _ body: (ActionRow) -> Result
  ) -> Result {
    let range = (state * actionCount)..<((state + 1) * actionCount)
    return values.withUnsafeBufferPointer { values in
      visits.withUnsafeBufferPointer { visits in
        body(
          ActionRow(
            values: UnsafeBufferPointer(rebasing: values[range]),
            visits: UnsafeBufferPointer(rebasing: visits[range]),
            step: step
          )
        )
      }
    }
  }

  /// The best action of a state, of equal ones that with the lowest index.
  package func greedyAction(_ state: Int) -> Int { withRow(state) { $0.greedyAction } }

  /// The greatest value of a state; 0 where no action is allowed.
  package func greatestValue(_ state: Int) -> Float {
    withRow(state) { row in
      let best = row.greedyAction
      return row.allows(best) ? row.values[best] : 0
    }
  }

  /// The best action of every state.
  package var greedyPolicy: [Int] { (0..<stateCount).map(greedyAction) }

  /// Moves a value towards a target by a share of the distance, and counts the visit.
  mutating func update(_ state: Int, _ action: Int, target: Float, rate: TabularRate, step: Int) {
    let index = state * actionCount + action
    if visits[index] < .max { visits[index] += 1 }
    values[index] += rate.rate(step: step, visits: visits[index]) * (target - values[index])
  }
}
