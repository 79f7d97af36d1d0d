import Reinforcement
import Testing

@Suite struct PolicyTests {
  private func mean(
    of policy: any Policy,
    in environment: any Environment,
    episodes: Int = 100
  ) throws -> Double {
    try EpisodeReturns(of: policy, in: environment, episodes: episodes, seed: 11).mean
  }

  @Test func ruleOfTheAngleBeatsChanceAndThatOfTheFallSolvesCartPole() throws {
    let random = try mean(of: RandomPolicy(actionCount: 2, seed: 1), in: CartPole())
    let angle = try mean(of: RulePolicy.poleAngle, in: CartPole())
    let fall = try mean(of: RulePolicy.poleFall, in: CartPole())
    #expect((15...30).contains(random))
    #expect((random + 10..<100).contains(angle))
    #expect(fall >= 475)
  }

  @Test func pushingAlongTheVelocityClimbsTheMountain() throws {
    #expect(
      try mean(of: RandomPolicy(actionCount: 3, seed: 1), in: MountainCar(), episodes: 5) == -200
    )
    #expect(try mean(of: RulePolicy.alongVelocity, in: MountainCar()) >= -125)
  }
}
