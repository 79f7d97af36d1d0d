extension MarkovDecisionProcess {
  /// Optimal state values by value iteration (Bellman 1957; Sutton & Barto 2018, section 4.4).
  ///
  /// v(s) = max over a of sum p(s', r | s, a) (r + gamma v(s')), from zeros, all states of a sweep from the values of the one before.
  ///
  /// - Returns: Values within `options.tolerance` of the optimal ones.
  /// - Throws: `ReinforcementError.parameter` for options out of range, `notConverged` at their limit: with a discount of 1 the values
  ///   of a process that never ends may grow for ever.
  package func valueIteration(
    _ options: PlanningOptions
  ) throws(ReinforcementError) -> ProcessSolution {
    let (values, iterations) = try FixedPoint.iterate(
      from: [Double](repeating: 0, count: stateCount),
      options
    ) { greatest(actionValues(of: $0, discount: options.discount)) }
    return solution(values: values, discount: options.discount, iterations: iterations)
  }
}
