extension MarkovDecisionProcess {
  /// Optimal action values by Q-value iteration: value iteration on pairs of state and action.
  ///
  /// q(s, a) = sum p(s', r | s, a) (r + gamma max over a' of q(s', a')), from zeros, all pairs of a sweep from the values of the one before.
  ///
  /// - Returns: Values within `options.tolerance` of the optimal ones.
  /// - Throws: As `valueIteration`.
  package func qValueIteration(
    _ options: PlanningOptions
  ) throws(ReinforcementError) -> ProcessSolution {
    let start = outcomes.map { $0.isEmpty ? -Double.infinity : 0 }
    let (actionValues, iterations) = try FixedPoint.iterate(from: start, options) {
      self.actionValues(of: greatest($0), discount: options.discount)
    }
    return ProcessSolution(
      values: greatest(actionValues),
      actionValues: actionValues,
      policy: (0..<stateCount).map { bestAction(actionValues, in: $0) },
      iterations: iterations
    )
  }
}
