import GraphIR
import ONNXFormat
import Reinforcement
import Tensors
import Training

/// Breeds a policy network, and ships the best one by episodes that no generation has played.
///
/// Metrics: `mean_return` and `min_return` over 100 fresh episodes that no choice has seen, `validation_mean_return`, and the `episodes`
/// that all networks played. An epoch is a generation.
package struct GeneticPolicyRecipe: Recipe {
  package let name: String
  package let summary: String
  package let dataSets: [String] = []
  package let defaultEpochs: Int
  package let defaultSeed: UInt64 = 1

  let environment: any Environment
  let hidden: [Int]
  let options: GeneticOptions

  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    try VersionPath.checkIsFree(request.modelFolder)
    let specification = environment.specification
    let epochs = request.epochs ?? defaultEpochs
    var options = options
    options.seed = request.seed ?? defaultSeed
    let network = PolicyNetwork(for: specification, hidden: hidden)
    var search = try GeneticSearch(network, in: environment, options: options)
    var champion = PolicyChampion(in: environment, seed: options.seed)
    var winner: GenePolicy?
    var generations: [GeneticSearch.Generation] = []
    while generations.count < epochs, !champion.isPerfect {
      guard !request.control.isStopRequested else {
        try report(.message("stopped after generation \(generations.count); no model was written"))
        return RecipeResult(metrics: [:])
      }
      let generation = search.runGeneration()
      generations.append(generation)
      var line =
        "generation \(generation.number): best return \(generation.bestFitness.hundredths), mean \(generation.meanFitness.hundredths)"
      if let best = search.best, try champion.challenge(with: best, weights: best.weights) {
        winner = best
        line += ", validation \(champion.score.hundredths), kept"
      }
      try report(.message(line))
    }
    guard let winner else { throw TrainingError.option("\(epochs) epochs: expected at least 1") }
    let returns = try champion.test(winner)
    let metrics = [
      "mean_return": returns.mean, "min_return": returns.values.min() ?? 0,
      "validation_mean_return": champion.score,
      "episodes": Double(generations.last?.episodes ?? 0),
    ]
    guard let folder = request.modelFolder else { return RecipeResult(metrics: metrics) }
    var record = ModelManifest.TrainingRecord(recipe: name, seed: options.seed)
    record.epochs = epochs
    record.optimizer = "genetic"
    record.command = "martlet train \(name) --epochs \(epochs) --seed \(options.seed)"
    record.curves = [
      "best_return": generations.map(\.bestFitness), "mean_return": generations.map(\.meanFitness),
    ]
    var curve = LearningCurve(
      title: "\(name), seed \(options.seed)",
      xLabel: "episodes of all networks",
      yLabel: "return",
      threshold: specification.rewardThreshold
    )
    curve.series = [
      .init("best network", generations.map { (Double($0.episodes), $0.bestFitness) }),
      .init("mean of the generation", generations.map { (Double($0.episodes), $0.meanFitness) }),
    ]
    try PolicyModel(
      network: network,
      weights: champion.weights,
      environment: environment,
      discount: 1,
      record: record,
      metrics: metrics,
      description: summary,
      curve: curve
    ).write(to: folder)
    return RecipeResult(metrics: metrics, modelFolder: folder)
  }
}

extension GeneticPolicyRecipe {
  /// At least 475 over 100 fresh episodes.
  package static let cartPole = GeneticPolicyRecipe(
    name: "cartpole-genetic",
    summary: "CartPole: linear policy bred from 50 by selection, crossover and mutation",
    defaultEpochs: 50,
    environment: CartPole(),
    hidden: [],
    options: GeneticOptions()
  )
}
