import Reinforcement
import Tensors
import Testing
import Training

@Suite struct PolicyGradientTests {
  /// One step: action 1 of the only state earns 1, the others nothing.
  private struct Bandit: Environment {
    var specification: EnvironmentSpecification {
      EnvironmentSpecification(
        name: "Bandit",
        observation: .box(shape: [1], low: [1], high: [1], fields: ["one"]),
        actions: ["a", "b", "c"],
        episodeStepsMax: 1
      )
    }
    mutating func reset(seed: UInt64?) {}
    mutating func step(_ action: Int) -> StepResult {
      StepResult(reward: action == 1 ? 1 : 0, isTerminated: true, isTruncated: false)
    }
    func observe(into observation: UnsafeMutableBufferPointer<Float>) { observation[0] = 1 }
  }

  private func learner(
    _ environment: any Environment,
    _ change: (inout PolicyGradientOptions) -> Void = { _ in }
  ) throws -> PolicyGradient {
    var options = PolicyGradientOptions()
    change(&options)
    return try PolicyGradient(
      PolicyNetwork(for: environment.specification, hidden: [8]),
      in: environment,
      options: options
    )
  }

  @Test(arguments: [PolicyGradientOptions.Baseline.none, .mean, .value], [true, false])
  func findsTheActionThatPays(
    baseline: PolicyGradientOptions.Baseline,
    normalises: Bool
  ) throws {
    let learner = try learner(Bandit()) {
      $0.baseline = baseline
      $0.normalisesReturns = normalises
      $0.schedule = .constant(0.05)
    }
    let first = try learner.update().meanReturn
    var last = first
    for _ in 0..<40 { last = try learner.update().meanReturn }
    #expect(first < 0.7)
    #expect(last > 0.9)
    #expect(try [Float(1)].withUnsafeBufferPointer { try learner.action(for: $0) } == 1)
  }

  @Test func entropyKeepsThePolicyUncertain() throws {
    let learner = try learner(Bandit()) {
      $0.entropyWeight = 100
      $0.normalisesReturns = false
      $0.schedule = .constant(0.05)
    }
    var returns = 0.0
    for _ in 0..<40 { returns += try learner.update().meanReturn / 40 }
    #expect((0.2...0.5).contains(returns))
  }

  @Test func balancesLongerAfterTwentyUpdates() throws {
    let learner = try learner(CartPole())
    let first = try learner.update()
    var last = first
    for _ in 0..<20 { last = try learner.update() }
    #expect(first.episodes == 16 && last.episodes == 21 * 16)
    #expect(first.meanReturn < 50)
    #expect(last.meanReturn > 2 * first.meanReturn)
  }

  @Test func equalSeedsGiveEqualRuns() throws {
    func run(seed: UInt64) throws -> [PolicyGradient.Update] {
      let learner = try learner(CartPole()) { $0.seed = seed }
      return try (0..<3).map { _ in try learner.update() }
    }
    #expect(try run(seed: 5) == run(seed: 5))
    #expect(try run(seed: 5) != run(seed: 6))
  }

  @Test func weightsCanBeTakenAndGivenBack() throws {
    let learner = try learner(CartPole())
    let before = try learner.weights()
    #expect(
      before.keys.sorted() == ["actions/bias", "actions/weight", "hidden1/bias", "hidden1/weight"]
    )
    _ = try learner.update()
    #expect(try learner.weights() != before)
    try learner.setWeights(before)
    #expect(try learner.weights() == before)
    #expect(throws: TrainingError.self) { try learner.setWeights([:]) }
  }

  @Test func impossibleOptionsAreRefused() throws {
    #expect(throws: TrainingError.self) { try learner(CartPole()) { $0.discount = 0 } }
    #expect(throws: TrainingError.self) { try learner(CartPole()) { $0.episodes = 0 } }
    #expect(throws: TrainingError.self) {
      try PolicyGradient(
        PolicyNetwork(observationSize: 3, actionCount: 2, hidden: []),
        in: CartPole(),
        options: PolicyGradientOptions()
      )
    }
  }
}
