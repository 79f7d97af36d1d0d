import Reinforcement
import Testing

@Suite struct PolicyEvaluationTests {
  @Test func sweepsComeToWhatTheSolvedEquationsSay() throws {
    let process = try ThreeStateProcess.make()
    let options = PlanningOptions(discount: 0.95)
    for first in 0..<3 {
      for second in [0, 2] {
        let policy: [Int?] = [first, second, 1]
        let exact = try process.evaluate(policy: policy, options)
        let iterated = try process.evaluate(policy: policy, options, by: .iterated)
        #expect(exact.distance(to: iterated) < 1e-9)
      }
    }
  }

  @Test func aRandomWalkEndsRightAsOftenAsItIsNearer() throws {
    let process = try RandomWalk.make(states: 5)
    let policy = [Int?](repeating: 0, count: 5)
    let values = try process.evaluate(policy: policy, PlanningOptions(discount: 1))
    #expect(values.distance(to: (1...5).map { Double($0) / 6 }) < 1e-12)
  }

  @Test func aLimitOfStepsCutsWhatCanBeReached() throws {
    let process = try RandomWalk.make(states: 5)
    let policy = [Int?](repeating: 0, count: 5)
    #expect(try process.evaluate(policy: policy, steps: 0) == [0, 0, 0, 0, 0])
    #expect(try process.evaluate(policy: policy, steps: 1) == [0, 0, 0, 0, 0.5])
    #expect(try process.evaluate(policy: policy, steps: 3) == [0, 0, 0.125, 0.25, 0.625])
  }

  @Test func withoutDiscountAPolicyMustEnd() throws {
    let process = try MarkovDecisionProcess(
      stateCount: 2,
      actionCount: 1,
      outcomes: [
        [.init(probability: 1, next: 1, reward: 1)], [.init(probability: 1, next: 0, reward: 1)],
      ]
    )
    let error = #expect(throws: ReinforcementError.self) {
      try process.evaluate(policy: [0, 0], PlanningOptions(discount: 1))
    }
    #expect(
      error?.description
        == "no unique values: under this policy some episodes never end, and the discount is 1.0; use a discount below 1"
    )
    let discounted = try process.evaluate(policy: [0, 0], PlanningOptions(discount: 0.75))
    #expect(discounted.distance(to: [4, 4]) < 1e-12)
  }

  @Test func aPolicyMustChooseWhatIsAllowed() throws {
    let process = try ThreeStateProcess.make()
    let options = PlanningOptions(discount: 0.9)
    #expect(throws: ReinforcementError.parameter("policy: action 1 is not allowed in state 1")) {
      try process.evaluate(policy: [0, 1, 1], options)
    }
    #expect(throws: ReinforcementError.parameter("policy: action 3 is not allowed in state 0")) {
      try process.evaluate(policy: [3, 0, 1], steps: 2)
    }
    #expect(throws: ReinforcementError.parameter("policy of 2 states, expected 3")) {
      try process.evaluate(policy: [0, 0], options)
    }
  }
}
