extension MarkovDecisionProcess {
  /// Of the greatest value: what a solved system may be off.
  private static let rounding = 1e-12

  /// An optimal policy by policy iteration (Howard 1960; Sutton & Barto 2018, section 4.3): evaluate, act greedily, until nothing changes.
  ///
  /// It starts from the lowest allowed action of each state. A state changes its action only for one that is better by more than
  /// rounding, so that equal actions never take turns.
  ///
  /// - Parameters:
  ///   - options: Discount, tolerance, and the most improvements.
  ///   - method: How each policy is evaluated.
  /// - Returns: The values of the last policy: within `options.tolerance` of the optimal ones; `iterations` are its improvements.
  /// - Throws: As `valueIteration`, and as `evaluate(policy:)`: with a discount of 1 a policy on the way may never end.
  package func policyIteration(
    _ options: PlanningOptions,
    evaluation method: PolicyEvaluation = .exact
  ) throws(ReinforcementError) -> ProcessSolution {
    try options.validate()
    var policy = (0..<stateCount).map { state in
      (0..<actionCount).first { !outcomes(state: state, action: $0).isEmpty }
    }
    // Values from sweeps are a little off themselves: by less than what counts as a gain.
    var evaluating = options
    evaluating.tolerance = options.finalChange / 8
    var gain = 0.0
    for iterations in 1...options.iterationsMax {
      let values = try evaluate(policy: policy, evaluating, by: method)
      let actionValues = actionValues(of: values, discount: options.discount)
      let gainMin = max(
        options.finalChange / 2,
        Self.rounding * values.reduce(0) { max($0, abs($1)) }
      )
      gain = 0
      for (state, action) in policy.enumerated() {
        guard let action, let best = bestAction(actionValues, in: state) else { continue }
        let row = state * actionCount
        let difference = actionValues[row + best] - actionValues[row + action]
        if difference > gainMin {
          policy[state] = best
          gain = max(gain, difference)
        }
      }
      if gain == 0 {
        return ProcessSolution(
          values: values,
          actionValues: actionValues,
          policy: policy,
          iterations: iterations
        )
      }
    }
    throw .notConverged(iterations: options.iterationsMax, change: gain)
  }
}
