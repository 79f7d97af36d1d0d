import Reinforcement
import Testing
import Training

/// Q-learning finds value iteration's way through a small world, however it explores.
@Suite struct ExploringAgentTests {
  struct Agent: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var exploration: any Exploration
    var initialValue: Float = 0
    var rate = TabularRate.constant(0.5)
    var bonus: CountBonus?
  }

  static let agents = [
    Agent(testDescription: "random", exploration: RandomExploration()),
    Agent(testDescription: "epsilon-greedy", exploration: EpsilonGreedy(.constant(0.6))),
    Agent(
      testDescription: "decaying epsilon",
      exploration: EpsilonGreedy(.linear(rate: 1, final: 0.05, steps: 4_000))
    ),
    Agent(
      testDescription: "softmax",
      exploration: SoftmaxExploration(temperature: .constant(0.1))
    ),
    Agent(testDescription: "count bonus", exploration: CountBonus(weight: 0.5)),
    Agent(
      testDescription: "count bonus in the target too",
      exploration: CountBonus(weight: 0.5),
      bonus: CountBonus(weight: 0.5)
    ),
    Agent(testDescription: "optimistic", exploration: EpsilonGreedy.greedy, initialValue: 1),
    Agent(
      testDescription: "mean of everything seen",
      exploration: RandomExploration(),
      rate: .visits(power: 0.6)
    ),
  ]

  @Test(arguments: agents) func theLakeIsCrossedByTheShortestWay(_ agent: Agent) throws {
    let lake = try FrozenLake.environment(isSlippery: false)
    var trainer = TabularTrainer(
      QLearning(
        table: QTable(for: lake.process, initialValue: agent.initialValue),
        discount: 0.9,
        rate: agent.rate,
        bonus: agent.bonus
      ),
      in: lake,
      exploration: agent.exploration,
      seed: 7
    )
    for _ in 0..<1_500 { _ = trainer.playEpisode() }
    let policy = trainer.learner.table.greedyPolicy
    // Worth 0.9^5 from the start: six steps, the last of which pays.
    let value = try lake.process.evaluate(policy: policy, PlanningOptions(discount: 0.9))[0]
    let optimal = try lake.process.valueIteration(PlanningOptions(discount: 0.9)).values[0]
    #expect(abs(optimal - 0.59049) < 1e-8)
    #expect(abs(value - optimal) < 1e-8)
  }
}
