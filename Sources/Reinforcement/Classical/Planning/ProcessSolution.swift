/// Optimal values of a Markov decision process, and a policy that attains them.
package struct ProcessSolution: Equatable, Sendable {
  /// v(s): the discounted return expected from state s on; 0 where no action is allowed.
  package let values: [Double]
  /// q(s, a) at `[s * actionCount + a]`: the same after action a; minus infinity where it is not allowed.
  package let actionValues: [Double]
  /// The best action of each state, of equal ones that with the lowest index; `nil` where none is allowed.
  package let policy: [Int?]
  /// Sweeps over all states, or improvements of the policy.
  package let iterations: Int
}

extension MarkovDecisionProcess {
  /// The solution that belongs to the values of all states.
  func solution(values: [Double], discount: Double, iterations: Int) -> ProcessSolution {
    let actionValues = self.actionValues(of: values, discount: discount)
    return ProcessSolution(
      values: values,
      actionValues: actionValues,
      policy: (0..<stateCount).map { bestAction(actionValues, in: $0) },
      iterations: iterations
    )
  }

  /// q(s, a) for all states and actions; minus infinity where the action is not allowed.
  func actionValues(of values: [Double], discount: Double) -> [Double] {
    outcomes.map { $0.isEmpty ? -.infinity : Self.value(of: $0, values, discount: discount) }
  }

  /// sum of p (r + gamma v(s')) over the outcomes of an action; nothing follows a terminal one.
  static func value(of outcomes: [Outcome], _ values: [Double], discount: Double) -> Double {
    outcomes.reduce(0) { sum, outcome in
      let following = outcome.isTerminal ? 0 : discount * values[outcome.next]
      return sum + outcome.probability * (outcome.reward + following)
    }
  }

  /// The allowed action of the greatest value, of equal ones that with the lowest index.
  func bestAction(_ actionValues: [Double], in state: Int) -> Int? {
    var best: Int?
    for action in 0..<actionCount where !outcomes(state: state, action: action).isEmpty {
      let value = actionValues[state * actionCount + action]
      if best.map({ value > actionValues[state * actionCount + $0] }) ?? true { best = action }
    }
    return best
  }

  /// The value of the best action in each state; 0 where none is allowed.
  func greatest(_ actionValues: [Double]) -> [Double] {
    (0..<stateCount).map { state in
      bestAction(actionValues, in: state).map { actionValues[state * actionCount + $0] } ?? 0
    }
  }
}
