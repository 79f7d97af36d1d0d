import Reinforcement
import Tensors
import Testing
import Training

@Suite struct TabularLearnerTests {
  /// Learns a process without episodes, in which some actions are not allowed, from one long walk.
  static func walk(
    _ learner: inout some TabularLearner,
    _ process: MarkovDecisionProcess,
    _ exploration: any Exploration,
    steps: Int,
    seed: UInt64
  ) {
    var random = Philox(seed: seed)
    var state = 0
    var action = 0
    for step in 0..<steps {
      let draw = Double(random.uniform())
      var sum = 0.0
      let outcomes = process.outcomes(state: state, action: action)
      let outcome =
        outcomes.first {
          sum += $0.probability; return draw < sum
        } ?? outcomes[0]
      let next = learner.table.withRow(outcome.next, step: step) {
        exploration.choose($0, using: &random)
      }
      learner.learn(
        TabularTransition(
          state: state,
          action: action,
          reward: Float(outcome.reward),
          next: outcome.next
        ),
        nextAction: next
      )
      state = outcome.next
      action = next
    }
  }

  @Test(arguments: [
    TabularRate.visits(power: 0.8), .harmonic(rate: 1, decay: 0.01),
    .schedule(.exponential(rate: 0.1, factor: 0.5, over: 15_000)),
  ])
  func qLearningComesToTheOptimalValuesOfTheTextbookProcess(_ rate: TabularRate) throws {
    let process = try ThreeStateProcess.make()
    var learner = QLearning(table: QTable(for: process), discount: 0.9, rate: rate)
    Self.walk(&learner, process, RandomExploration(), steps: 150_000, seed: 6)
    let expected = ThreeStateProcess.answers[0]
    #expect(learner.table.values.map(Double.init).distance(to: expected.actionValues) < 1)
    #expect(learner.table.greedyPolicy == expected.policy.map { $0 ?? 0 })
    #expect(learner.table.visits.reduce(0, +) == 150_000)
  }

  /// The same walk in which nothing is random: rates of 1 take each value from the last time.
  @Test func qLearningOfACertainWorldIsExact() throws {
    let process = try Corridor.process()
    var learner = QLearning(
      table: QTable(for: process, initialValue: 10),
      discount: 0.5,
      rate: .constant(1)
    )
    var trainer = TabularTrainer(
      learner,
      in: try Corridor.environment(),
      exploration: EpsilonGreedy.greedy,
      seed: 1
    )
    for _ in 0..<40 { _ = trainer.playEpisode() }
    // Optimism alone has made a greedy agent try everything it met.
    let optimal = try process.valueIteration(PlanningOptions(discount: 0.5))
    #expect(trainer.learner.table.greedyPolicy == optimal.policy.map { $0 ?? 0 })
    learner.learn(
      TabularTransition(state: 3, action: 1, reward: 1, next: 4, isTerminated: true),
      nextAction: 0
    )
    #expect(learner.table.values[3 * 2 + 1] == 1)
  }

  @Test func sarsaLearnsWhatItsOwnExplorationIsWorth() throws {
    let environment = try Corridor.environment()
    let epsilon = 0.4
    let exploration = EpsilonGreedy(.constant(Float(epsilon)))
    let expected = try Corridor.epsilonGreedyValues(epsilon: epsilon, discount: 0.9)
    let table = QTable(for: environment.process)
    let learners: [any TabularLearner] = [
      SARSA(table: table, discount: 0.9, rate: .visits(power: 0.8)),
      ExpectedSARSA(
        table: table,
        discount: 0.9,
        rate: .visits(power: 0.8),
        exploration: exploration
      ),
    ]
    for learner in learners {
      var trainer = TabularTrainer(learner, in: environment, exploration: exploration, seed: 2)
      for _ in 0..<4_000 { _ = trainer.playEpisode() }
      let found = trainer.learner.table
      for state in 0..<4 {
        for action in 0..<2 {
          let difference = Double(found.values[state * 2 + action]) - expected[state * 2 + action]
          #expect(abs(difference) < 0.03, "\(type(of: learner)) \(state) \(action)")
        }
      }
    }
  }

  @Test func predictionComesToTheRandomWalksValues() throws {
    let process = try RandomWalk.make(states: 5)
    let expected = try process.evaluate(
      policy: [Int?](repeating: 0, count: 5),
      PlanningOptions(discount: 1)
    )
    var environment = try SampledProcess(
      name: "walk",
      process: process,
      startProbabilities: [0, 0, 1, 0, 0],
      actions: ["step"],
      episodeStepsMax: 10_000
    )
    var prediction = TemporalDifference(
      stateCount: 5,
      initialValue: 0.5,
      discount: 1,
      rate: .visits(power: 0.7)
    )
    for episode in 0..<3_000 {
      environment.reset(seed: episode == 0 ? 4 : nil)
      var result: StepResult
      repeat {
        let state = environment.state
        result = environment.step(0)
        prediction.learn(
          TabularTransition(
            state: state,
            action: 0,
            reward: Float(result.reward),
            next: environment.state,
            isTerminated: result.isTerminated
          )
        )
      } while !result.isEnd
    }
    #expect(prediction.values.map(Double.init).distance(to: expected) < 0.04)
  }

  @Test func aBonusInTheTargetMakesUnknownActionsWorthAVisit() {
    let table = QTable(stateCount: 2, actionCount: 2)
    var learner = QLearning(
      table: table,
      discount: 0.5,
      rate: .constant(1),
      bonus: CountBonus(weight: 4)
    )
    let step = TabularTransition(state: 0, action: 0, reward: 1, next: 1)
    learner.learn(step, nextAction: 0)
    // 1 + 0.5 (0 + 4 / 1).
    #expect(learner.table.values == [3, 0, 0, 0])
    for action in 0..<2 {
      learner.learn(
        TabularTransition(state: 1, action: action, reward: 0, next: 1, isTerminated: true),
        nextAction: 0
      )
    }
    learner.learn(step, nextAction: 0)
    // 1 + 0.5 (0 + 4 / 2).
    #expect(learner.table.values == [2, 0, 0, 0])
  }

  @Test func aTrainingIsAFunctionOfItsSeed() throws {
    let environment = try FrozenLake.environment()
    func train(seed: UInt64) -> QTable {
      var trainer = TabularTrainer(
        QLearning(table: QTable(for: environment.process), discount: 0.9, rate: .constant(0.1)),
        in: environment,
        exploration: RandomExploration(),
        seed: seed
      )
      for _ in 0..<100 { _ = trainer.playEpisode() }
      return trainer.learner.table
    }
    #expect(train(seed: 1) == train(seed: 1))
    #expect(train(seed: 1) != train(seed: 2))
  }
}

@Suite struct TabularRateTests {
  @Test func ratesGoByStepsOrVisits() {
    #expect(TabularRate.constant(0.1).rate(step: 1000, visits: 7) == 0.1)
    #expect(TabularRate.schedule(.linear(rate: 1, steps: 4)).rate(step: 3, visits: 9) == 0.25)
    #expect(TabularRate.harmonic(rate: 0.5, decay: 0.1).rate(step: 10, visits: 1) == 0.25)
    #expect(TabularRate.visits(power: 1).rate(step: 99, visits: 4) == 0.25)
    #expect(TabularRate.visits(power: 0.5).rate(step: 99, visits: 4) == 0.5)
    #expect(TabularRate.visits(power: 1).rate(step: 0, visits: 0) == 1)
  }
}
