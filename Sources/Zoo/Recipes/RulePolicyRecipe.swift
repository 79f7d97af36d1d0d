import ONNXFormat
import Reinforcement

/// CartPole without learning: random play, and two rules that a person would write down, the better of which becomes a model.
///
/// Pushing to the side that angle + angular velocity point to is a linear policy whose weights are written here by hand. Metrics:
/// `mean_return` and `min_return` of that rule over as many fresh episodes as there are epochs, `random_mean_return` and
/// `pole_angle_mean_return` of the others.
package struct RulePolicyRecipe: Recipe {
  package let name = "cartpole-rule"
  package let summary = "CartPole without learning: random play, two rules by hand"
  package let dataSets: [String] = []
  package let defaultEpochs = 100
  package let defaultSeed: UInt64 = 1

  package init() {}

  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    try VersionPath.checkIsFree(request.modelFolder)
    let environment = CartPole()
    let episodes = request.epochs ?? defaultEpochs
    let seed = request.seed ?? defaultSeed
    let network = PolicyNetwork(for: environment.specification, hidden: [])
    // Scores of left and right for position, velocity, angle, angular velocity; no biases.
    let rule = GenePolicy(network, genes: [0, 0, 0, 0, -1, 1, -1, 1, 0, 0])
    let policies: [(name: String, policy: any Policy)] = [
      ("random", RandomPolicy(actionCount: network.actionCount, seed: seed)),
      ("pole angle", RulePolicy.poleAngle), ("pole angle + velocity", rule),
    ]
    var curve = LearningCurve(
      title: "\(name): what needs no learning",
      xLabel: "episodes",
      yLabel: "mean return so far",
      threshold: environment.specification.rewardThreshold
    )
    var played: [EpisodeReturns] = []
    for (name, policy) in policies {
      let returns = try EpisodeReturns(of: policy, in: environment, episodes: episodes, seed: seed)
      played.append(returns)
      curve.series.append(.init(name, Self.runningMeans(returns.values)))
      try report(.message("\(name): mean return \(returns.mean.hundredths)"))
    }
    let metrics = [
      "mean_return": played[2].mean, "min_return": played[2].values.min() ?? 0,
      "random_mean_return": played[0].mean, "pole_angle_mean_return": played[1].mean,
    ]
    guard let folder = request.modelFolder else { return RecipeResult(metrics: metrics) }
    var record = ModelManifest.TrainingRecord(recipe: name, seed: seed)
    record.command = "martlet train \(name) --epochs \(episodes) --seed \(seed)"
    try PolicyModel(
      network: network,
      weights: rule.weights,
      environment: environment,
      discount: 1,
      record: record,
      metrics: metrics,
      description: summary,
      curve: curve
    ).write(to: folder)
    return RecipeResult(metrics: metrics, modelFolder: folder)
  }

  private static func runningMeans(_ values: [Double]) -> [(x: Double, y: Double)] {
    var sum = 0.0
    return values.enumerated().map { index, value in
      sum += value
      return (Double(index + 1), sum / Double(index + 1))
    }
  }
}
