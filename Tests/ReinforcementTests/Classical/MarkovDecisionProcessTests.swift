import Reinforcement
import Testing

@Suite struct MarkovDecisionProcessTests {
  @Test func probabilitiesMustAddUpToOne() {
    let error = #expect(throws: ReinforcementError.self) {
      try MarkovDecisionProcess(
        stateCount: 1,
        actionCount: 2,
        outcomes: [
          [.init(probability: 1, next: 0, reward: 0)],
          [.init(probability: 0.5, next: 0, reward: 0)],
        ]
      )
    }
    #expect(
      error?.description
        == "Markov decision process: state 0, action 1: probabilities add up to 0.5, expected 1"
    )
  }

  @Test func outcomesMustStayInside() {
    #expect(throws: ReinforcementError.process("state 0, action 0 leads to state 1 of 1")) {
      try MarkovDecisionProcess(
        stateCount: 1,
        actionCount: 1,
        outcomes: [[.init(probability: 1, next: 1, reward: 0)]]
      )
    }
  }
}
