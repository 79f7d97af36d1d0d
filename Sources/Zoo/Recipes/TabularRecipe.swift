import GraphIR
import ONNXFormat
import Reinforcement
import Storage
import Tensors
import Training

/// Learns a table of action values in a small world by Q-learning, and compares its greedy policy with that of value iteration, which knows
/// the world's rules.
///
/// An epoch is `episodesPerEpoch` episodes. Metrics: `mean_return` of the greedy policy over fresh episodes and `optimal_mean_return` of
/// value iteration's from the same starts; `expected_return` and `optimal_expected_return`, what they are for infinitely many, computed
/// from the rules; `optimal_value`, the discounted return that value iteration expects from the first state on.
package struct TabularRecipe: Recipe {
  package let name: String
  package let summary: String
  package let dataSets: [String] = []
  package let defaultEpochs: Int
  package let defaultSeed: UInt64 = 42

  let makeEnvironment: @Sendable () throws(ReinforcementError) -> SampledProcess
  let discount: Double
  let rate: TabularRate
  /// By environment steps.
  let exploration: EpsilonGreedy
  let testEpisodes: Int

  package static let episodesPerEpoch = 1_000
  /// States whose values are kept as `golden.npz`, at most.
  private static let exampleCount = 16
  /// Added to the seed of the training for that of the fresh episodes.
  private static let testSeedOffset: UInt64 = 0x7E57_0000

  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    try VersionPath.checkIsFree(request.modelFolder)
    let environment = try makeEnvironment()
    let seed = request.seed ?? defaultSeed
    let epochs = request.epochs ?? defaultEpochs
    var trainer = TabularTrainer(
      QLearning(table: QTable(for: environment.process), discount: Float(discount), rate: rate),
      in: environment,
      exploration: exploration,
      seed: seed
    )
    var means: [Double] = []
    for epoch in 1...epochs {
      guard !request.control.isStopRequested else {
        try report(.message("stopped before epoch \(epoch); no model was written"))
        return RecipeResult(metrics: [:])
      }
      var sum = 0.0
      for _ in 0..<Self.episodesPerEpoch { sum += trainer.playEpisode() }
      means.append(sum / Double(Self.episodesPerEpoch))
      try report(
        .message(
          "\(epoch * Self.episodesPerEpoch) episodes, \(trainer.steps) steps: mean return \(means[epoch - 1]), epsilon \(exploration.share(at: trainer.steps))"
        )
      )
    }
    let table = trainer.learner.table
    let metrics = try measure(table, in: environment, seed: seed &+ Self.testSeedOffset)
    guard let folder = request.modelFolder else { return RecipeResult(metrics: metrics) }
    var record = ModelManifest.TrainingRecord(recipe: name, seed: seed)
    record.epochs = epochs
    record.optimizer = "q-learning"
    record.command = "martlet train \(name) --epochs \(epochs) --seed \(seed)"
    record.curves = ["mean_return": means]
    try QValueFolder(
      graph: try Self.graph(table),
      environment: environment.specification,
      discount: discount,
      training: record,
      metrics: metrics,
      description: summary,
      curve: LearningCurve(
        title: "\(name), seed \(seed); dashed: value iteration",
        means: means,
        episodesPerEpoch: Self.episodesPerEpoch,
        in: environment.specification,
        threshold: metrics["optimal_expected_return"]
      ),
      examples: Tensor(vector: Array(0..<Int64(min(table.stateCount, Self.exampleCount))))
    ).write(to: folder)
    return RecipeResult(metrics: metrics, modelFolder: folder)
  }

  /// What the greedy policy and value iteration's are worth.
  private func measure(
    _ table: QTable,
    in environment: SampledProcess,
    seed: UInt64
  ) throws -> [String: Double] {
    let learnt = table.greedyPolicy
    let optimum = try environment.process.valueIteration(PlanningOptions(discount: discount))
    let optimal = optimum.policy.map { $0 ?? 0 }
    func mean(_ policy: [Int]) -> Double {
      EpisodeReturns(in: environment, episodes: testEpisodes, seed: seed) { observation in
        policy[Int(observation[0])]
      }.mean
    }
    func expected(_ policy: [Int]) throws -> Double {
      let steps = environment.specification.episodeStepsMax
      return Self.atStart(
        try environment.process.evaluate(policy: policy, steps: steps),
        of: environment
      )
    }
    return [
      "mean_return": mean(learnt),
      "optimal_mean_return": mean(optimal),
      "expected_return": try expected(learnt),
      "optimal_expected_return": try expected(optimal),
      "optimal_value": Self.atStart(optimum.values, of: environment),
    ]
  }

  /// The mean of the states' values over where episodes start.
  private static func atStart(_ values: [Double], of environment: SampledProcess) -> Double {
    zip(values, environment.startProbabilities).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// `observation` int64 [N] picks rows of the table: `q_values` [N, A].
  static func graph(_ table: QTable) throws(GraphError) -> Graph {
    var graph = Graph(name: "q-table")
    let observation = try graph.placeholder("observation", .int64, ["N"])
    let rows = try graph.constant(
      Tensor(table.values, [table.stateCount, table.actionCount]),
      name: "q_table"
    )
    let values = try graph.apply1("Gather", [rows, observation], ["axis": .int(0)])
    try graph.rename(values, to: "q_values")
    graph.outputs = [values]
    return graph
  }
}

extension TabularRecipe {
  /// Crossing the slippery lake of 4 x 4.
  package static let frozenLake = TabularRecipe(
    name: "frozen-lake",
    summary: "Slippery FrozenLake 4x4: Q-learning, measured against value iteration",
    defaultEpochs: 20,
    makeEnvironment: { () throws(ReinforcementError) in try FrozenLake.environment() },
    discount: 0.99,
    rate: .visits(power: 0.6),
    exploration: EpsilonGreedy(.linear(rate: 1, final: 0.1, steps: 200_000)),
    testEpisodes: 10_000
  )

  /// Fetching and bringing passengers.
  package static let taxi = TabularRecipe(
    name: "taxi",
    summary: "Taxi: Q-learning, measured against value iteration",
    defaultEpochs: 10,
    makeEnvironment: { () throws(ReinforcementError) in try Taxi.environment() },
    discount: 0.99,
    rate: .constant(0.1),
    exploration: EpsilonGreedy(.linear(rate: 1, final: 0.05, steps: 100_000)),
    testEpisodes: 1_000
  )
}
