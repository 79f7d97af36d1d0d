import Reinforcement
import Tensors
import Testing

/// A way to solve a process, for tests of what all ways have in common.
enum Planner: String, CaseIterable, Sendable {
  case valueIteration, qValueIteration, policyIteration, policyIterationBySweeps

  func solve(
    _ process: MarkovDecisionProcess,
    _ options: PlanningOptions
  ) throws(ReinforcementError) -> ProcessSolution {
    switch self {
    case .valueIteration: try process.valueIteration(options)
    case .qValueIteration: try process.qValueIteration(options)
    case .policyIteration: try process.policyIteration(options)
    case .policyIterationBySweeps: try process.policyIteration(options, evaluation: .iterated)
    }
  }
}

@Suite struct PlanningTests {
  @Test(arguments: Planner.allCases, ThreeStateProcess.answers)
  func theTextbookProcessIsSolved(_ planner: Planner, _ answer: ThreeStateProcess.Answer) throws {
    let solution = try planner.solve(
      ThreeStateProcess.make(),
      PlanningOptions(discount: answer.discount)
    )
    #expect(solution.actionValues.distance(to: answer.actionValues) < 1e-9)
    #expect(solution.policy == answer.policy)
    let best = (0..<3).map { answer.actionValues[($0 * 3)..<($0 * 3 + 3)].max() ?? 0 }
    #expect(solution.values.distance(to: best) < 1e-9)
  }

  /// Processes of 12 states and 3 actions, some of which are not allowed or end the episode.
  @Test(arguments: 0..<10) func allWaysAgree(_ seed: UInt64) throws {
    var random = Philox(seed: seed)
    let outcomes = (0..<36).map { _ -> [MarkovDecisionProcess.Outcome] in
      guard random.below(5) > 0 else { return [] }
      let weights = (0..<4).map { _ in Double(random.uniform()) + 0.01 }
      let sum = weights.reduce(0, +)
      return weights.map {
        .init(
          probability: $0 / sum,
          next: random.below(12),
          reward: Double(random.uniform()) * 10 - 5,
          isTerminal: random.below(10) == 0
        )
      }
    }
    let process = try MarkovDecisionProcess(stateCount: 12, actionCount: 3, outcomes: outcomes)
    let options = PlanningOptions(discount: 0.97, tolerance: 1e-8)
    let expected = try process.policyIteration(options)
    for planner in Planner.allCases {
      let solution = try planner.solve(process, options)
      #expect(solution.values.distance(to: expected.values) < 2e-8, "\(planner)")
      #expect(solution.actionValues.distance(to: expected.actionValues) < 2e-8, "\(planner)")
      #expect(solution.policy == expected.policy, "\(planner)")
    }
  }

  @Test(arguments: Planner.allCases)
  func oneStateThatPaysForEverIsAGeometricSeries(_ planner: Planner) throws {
    let process = try MarkovDecisionProcess(
      stateCount: 1,
      actionCount: 1,
      outcomes: [[.init(probability: 1, next: 0, reward: 3)]]
    )
    let solution = try planner.solve(process, PlanningOptions(discount: 0.5))
    #expect(solution.values.distance(to: [6]) < 1e-9)
    #expect(solution.actionValues.distance(to: [6]) < 1e-9)
    #expect(solution.policy == [0])
    #expect(try planner.solve(process, PlanningOptions(discount: 0)).values == [3])
    // Rewards without end have no sum.
    let undiscounted = PlanningOptions(discount: 1, iterationsMax: 50)
    #expect(throws: ReinforcementError.self) { try planner.solve(process, undiscounted) }
  }

  @Test(arguments: Planner.allCases)
  func nothingFollowsATerminalOutcome(_ planner: Planner) throws {
    let process = try MarkovDecisionProcess(
      stateCount: 1,
      actionCount: 1,
      outcomes: [
        [
          .init(probability: 0.5, next: 0, reward: 1),
          .init(probability: 0.5, next: 0, reward: 1, isTerminal: true),
        ]
      ]
    )
    // v = 1 + v / 2.
    let solution = try planner.solve(process, PlanningOptions(discount: 1))
    #expect(solution.values.distance(to: [2]) < 1e-8)
  }

  @Test(arguments: Planner.allCases)
  func aStateWithoutActionsIsWorthNothing(_ planner: Planner) throws {
    let process = try MarkovDecisionProcess(
      stateCount: 2,
      actionCount: 2,
      outcomes: [[], [.init(probability: 1, next: 1, reward: -4)], [], []]
    )
    let solution = try planner.solve(process, PlanningOptions(discount: 1))
    #expect(solution.values == [-4, 0])
    #expect(solution.actionValues == [-.infinity, -4, -.infinity, -.infinity])
    #expect(solution.policy == [1, nil])
  }

  @Test(arguments: Planner.allCases)
  func ofEqualActionsTheLowestIsTaken(_ planner: Planner) throws {
    let good = MarkovDecisionProcess.Outcome(probability: 1, next: 0, reward: 1)
    let bad = MarkovDecisionProcess.Outcome(probability: 1, next: 0, reward: 0)
    let process = try MarkovDecisionProcess(
      stateCount: 1,
      actionCount: 3,
      outcomes: [[bad], [good], [good]]
    )
    #expect(try planner.solve(process, PlanningOptions(discount: 0.9)).policy == [1])
  }

  @Test(arguments: [-0.1, 1.1, .nan, .infinity])
  func aDiscountOutsideZeroToOneIsRefused(_ discount: Double) throws {
    let process = try ThreeStateProcess.make()
    let expected = ReinforcementError.parameter("discount is \(discount), expected 0 to 1")
    for planner in Planner.allCases {
      #expect(throws: expected) { try planner.solve(process, PlanningOptions(discount: discount)) }
    }
  }

  @Test func tolerancesAndLimitsMustBePositive() throws {
    let process = try ThreeStateProcess.make()
    #expect(
      throws: ReinforcementError.parameter(
        "tolerance is 0.0, expected a finite number above 0"
      )
    ) { try process.valueIteration(PlanningOptions(discount: 0.9, tolerance: 0)) }
    #expect(
      throws: ReinforcementError.parameter("iterationsMax is 0, expected 1 or more")
    ) { try process.policyIteration(PlanningOptions(discount: 0.9, iterationsMax: 0)) }
  }

  @Test func theLimitOfIterationsTellsHowFarTheyCame() throws {
    let process = try ThreeStateProcess.make()
    #expect(throws: ReinforcementError.notConverged(iterations: 1, change: 32)) {
      try process.valueIteration(PlanningOptions(discount: 0.9, iterationsMax: 1))
    }
  }

  @Test func valuesThatOverflowAreNoAnswer() throws {
    let process = try MarkovDecisionProcess(
      stateCount: 1,
      actionCount: 1,
      outcomes: [[.init(probability: 1, next: 0, reward: .greatestFiniteMagnitude)]]
    )
    #expect(throws: ReinforcementError.notConverged(iterations: 2, change: .infinity)) {
      try process.valueIteration(PlanningOptions(discount: 1))
    }
  }

  @Test func aLooseToleranceIsKeptWithFewerSweeps() throws {
    let process = try ThreeStateProcess.make()
    let exact = try process.policyIteration(PlanningOptions(discount: 0.9))
    let tight = try process.valueIteration(PlanningOptions(discount: 0.9, tolerance: 1e-6))
    let loose = try process.valueIteration(PlanningOptions(discount: 0.9, tolerance: 0.5))
    #expect(loose.values.distance(to: exact.values) < 0.5)
    #expect(tight.values.distance(to: exact.values) < 1e-6)
    #expect(loose.iterations < tight.iterations)
  }
}
