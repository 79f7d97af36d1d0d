import GraphIR
import ONNXFormat
import Reinforcement
import Tensors
import Training

/// Trains a policy network by REINFORCE, and ships the best one by greedy episodes that it did not learn from.
///
/// Metrics: `mean_return` and `min_return` over 100 fresh episodes that no choice has seen, `validation_mean_return`, and the `episodes`
/// played for learning. An epoch is an update.
package struct PolicyGradientRecipe: Recipe {
  package let name: String
  package let summary: String
  package let dataSets: [String] = []
  package let defaultEpochs: Int
  package let defaultSeed: UInt64 = 1

  let environment: any Environment
  let hidden: [Int]
  let options: PolicyGradientOptions

  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    try VersionPath.checkIsFree(request.modelFolder)
    let specification = environment.specification
    let epochs = request.epochs ?? defaultEpochs
    var options = options
    options.seed = request.seed ?? defaultSeed
    options.threads = request.threads
    let network = PolicyNetwork(for: specification, hidden: hidden)
    let learner = try PolicyGradient(network, in: environment, options: options)
    var champion = PolicyChampion(in: environment, seed: options.seed)
    var points: [(x: Double, y: Double)] = []
    var validations: [(x: Double, y: Double)] = []
    var isDone = false
    while points.count < epochs, !isDone {
      guard !request.control.isStopRequested else {
        try report(.message("stopped after update \(points.count); no model was written"))
        return RecipeResult(metrics: [:])
      }
      let update = try learner.update()
      points.append((Double(update.episodes), update.meanReturn))
      let threshold = specification.rewardThreshold ?? .infinity
      var line =
        "update \(update.number): \(update.episodes) episodes, mean return \(update.meanReturn.hundredths)"
      // A policy that plays badly while exploring is not worth a hundred episodes.
      if update.meanReturn >= 0.8 * threshold || update.number == epochs {
        if try champion.challenge(with: learner, weights: learner.weights()) {
          line += ", greedy \(champion.score.hundredths), kept"
          validations.append((Double(update.episodes), champion.score))
        }
      }
      try report(.message(line))
      // Good also while it explores: the greedy policy has a margin then.
      isDone = champion.isPerfect && update.meanReturn >= threshold
    }
    try learner.setWeights(champion.weights)
    let returns = try champion.test(learner)
    let metrics = [
      "mean_return": returns.mean, "min_return": returns.values.min() ?? 0,
      "validation_mean_return": champion.score,
      "episodes": Double(points.count * options.episodes),
    ]
    guard let folder = request.modelFolder else { return RecipeResult(metrics: metrics) }
    var record = ModelManifest.TrainingRecord(recipe: name, seed: options.seed)
    record.epochs = epochs
    record.batchSize = options.episodes
    record.optimizer = options.optimizer.name
    record.command = "martlet train \(name) --epochs \(epochs) --seed \(options.seed)"
    record.curves = ["mean_return": points.map(\.y)]
    var curve = LearningCurve(
      title: "\(name), seed \(options.seed)",
      xLabel: "episodes",
      yLabel: "return",
      threshold: specification.rewardThreshold
    )
    curve.series = [
      .init("mean of an update's episodes", points), .init("kept, greedy", validations),
    ]
    try PolicyModel(
      network: network,
      weights: champion.weights,
      environment: environment,
      discount: options.discount,
      record: record,
      metrics: metrics,
      description: summary,
      curve: curve
    ).write(to: folder)
    return RecipeResult(metrics: metrics, modelFolder: folder)
  }
}

extension PolicyGradientRecipe {
  /// At least 475 over 100 fresh episodes.
  package static let cartPole = PolicyGradientRecipe(
    name: "cartpole-policy",
    summary: "CartPole: policy 4-32-2 by REINFORCE with a learnt baseline",
    defaultEpochs: 200,
    environment: CartPole(),
    hidden: [32],
    options: PolicyGradientOptions()
  )
}
