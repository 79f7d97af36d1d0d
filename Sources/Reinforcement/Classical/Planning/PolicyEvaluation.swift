extension MarkovDecisionProcess {
  /// How the values of a policy are found.
  package enum PolicyEvaluation: Equatable, Sendable {
    /// By solving v = r + gamma P v: exact but for rounding, in O(states^3) time and O(states^2) memory.
    case exact
    /// By sweeps until `PlanningOptions.tolerance` is kept.
    case iterated
  }

  /// States up to which a policy is evaluated exactly: the matrix takes 8 bytes for each pair of them.
  package static let exactStatesMax = 4096

  /// The discounted return that is expected from each state when a policy chooses (Sutton & Barto 2018, section 4.1).
  ///
  /// - Parameters:
  ///   - policy: An action for each state that allows one, `nil` for the others, whose value is 0.
  ///   - options: Discount, and tolerance and limit of the sweeps.
  ///   - method: Exact or by sweeps.
  /// - Returns: v(s) of each state.
  /// - Throws: `ReinforcementError.parameter` for options out of range, a policy that names an action that is not allowed, or too many
  ///   states for the exact method; `notConverged` for sweeps at their limit, `singular` for a discount of 1 and a policy that does
  ///   not reach an end from every state.
  package func evaluate(
    policy: [Int?],
    _ options: PlanningOptions,
    by method: PolicyEvaluation = .exact
  ) throws(ReinforcementError) -> [Double] {
    try options.validate()
    try validate(policy)
    switch method {
    case .exact: return try exactValues(of: policy, discount: options.discount)
    case .iterated:
      let start = [Double](repeating: 0, count: stateCount)
      return try FixedPoint.iterate(from: start, options) {
        sweep($0, policy, discount: options.discount)
      }.numbers
    }
  }

  /// The return that is expected from each state within a number of steps, not discounted: what an environment with that limit of steps
  /// measures.
  ///
  /// - Returns: v(s) of each state.
  /// - Throws: `ReinforcementError.parameter` for a policy that names an action that is not allowed.
  package func evaluate(policy: [Int?], steps: Int) throws(ReinforcementError) -> [Double] {
    try validate(policy)
    var values = [Double](repeating: 0, count: stateCount)
    for _ in 0..<max(steps, 0) { values = sweep(values, policy, discount: 1) }
    return values
  }

  private func validate(_ policy: [Int?]) throws(ReinforcementError) {
    guard policy.count == stateCount else {
      throw .parameter("policy of \(policy.count) states, expected \(stateCount)")
    }
    for (state, action) in policy.enumerated() {
      guard let action else { continue }
      guard (0..<actionCount).contains(action), !outcomes(state: state, action: action).isEmpty
      else { throw .parameter("policy: action \(action) is not allowed in state \(state)") }
    }
  }

  private func sweep(_ values: [Double], _ policy: [Int?], discount: Double) -> [Double] {
    policy.enumerated().map { state, action in
      guard let action else { return 0 }
      return Self.value(of: outcomes(state: state, action: action), values, discount: discount)
    }
  }

  /// Solves (I - gamma P) v = r.
  private func exactValues(
    of policy: [Int?],
    discount: Double
  ) throws(ReinforcementError) -> [Double] {
    guard stateCount <= Self.exactStatesMax else {
      throw .parameter(
        "\(stateCount) states; at most \(Self.exactStatesMax) are evaluated exactly: evaluate by iteration"
      )
    }
    var system = LinearSystem(unknowns: stateCount)
    for (state, action) in policy.enumerated() {
      system[state, state] = 1
      guard let action else { continue }
      for outcome in outcomes(state: state, action: action) {
        system.constants[state] += outcome.probability * outcome.reward
        if !outcome.isTerminal {
          system[state, outcome.next] -= discount * outcome.probability
        }
      }
    }
    guard let values = system.solved() else {
      throw .singular("under this policy some episodes never end, and the discount is \(discount)")
    }
    return values
  }
}
