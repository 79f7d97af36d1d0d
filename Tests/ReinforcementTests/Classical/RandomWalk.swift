import Reinforcement

/// States in a row; each step goes left or right with equal chances, off the right end for a reward of 1, off the left end for none
/// (Sutton & Barto 2018, example 6.2).
enum RandomWalk {
  static func make(states: Int) throws -> MarkovDecisionProcess {
    try MarkovDecisionProcess(
      stateCount: states,
      actionCount: 1,
      outcomes: (0..<states).map { state in
        let isLast = state == states - 1
        return [
          .init(probability: 0.5, next: max(state - 1, 0), reward: 0, isTerminal: state == 0),
          .init(
            probability: 0.5,
            next: min(state + 1, states - 1),
            reward: isLast ? 1 : 0,
            isTerminal: isLast
          ),
        ]
      }
    )
  }
}
