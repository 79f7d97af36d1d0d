import ONNXFormat
import Reinforcement
import Storage
import Tensors
import Training

/// Learns to swing a weak car out of its valley: true online SARSA(lambda) on tiles, values linear in the features.
///
/// Every step costs 1 and weights start at zero, so that what has not been tried looks better than it is: that is all its exploration.
/// The model that is written computes the tiles itself. An epoch is `episodesPerEpoch` episodes. Metrics: `mean_return` and `standard_error` of the greedy policy over fresh episodes.
package struct MountainCarRecipe: Recipe {
  package let name = "mountain-car"
  package let summary = "MountainCar: true online SARSA(lambda) on tile coding"
  package let dataSets: [String] = []
  package let defaultEpochs = 20
  package let defaultSeed: UInt64 = 42

  package static let episodesPerEpoch = 100
  private static let tilingCount = 8
  private static let tilesPerDimension = 8
  /// Every episode ends at the flag, or is cut: nothing needs to be discounted.
  private static let discount = 1.0
  private static let traceDecay: Float = 0.9
  /// Of all features that are on together, in the first epoch; in a straight line to nothing after the last.
  private static let rate: Float = 0.3
  private static let testEpisodes = 100
  /// Added to the seed of the training for that of the fresh episodes.
  private static let testSeedOffset: UInt64 = 0x7E57_0000

  package init() {}

  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    try VersionPath.checkIsFree(request.modelFolder)
    let seed = request.seed ?? defaultSeed
    let epochs = request.epochs ?? defaultEpochs
    let coding = try Self.coding()
    var learner = TrueOnlineSARSA(
      featureCount: coding.featureCount,
      actionCount: MountainCar.specification.actions.count,
      discount: Float(Self.discount),
      traceDecay: Self.traceDecay,
      rate: 0
    )
    let schedule = LearningRateSchedule.linear(
      rate: Self.rate / Float(Self.tilingCount),
      steps: epochs
    )
    var car = MountainCar()
    car.reset(seed: seed)
    var means: [Double] = []
    for epoch in 1...epochs {
      guard !request.control.isStopRequested else {
        try report(.message("stopped before epoch \(epoch); no model was written"))
        return RecipeResult(metrics: [:])
      }
      learner.rate = schedule.rate(at: epoch - 1)
      var sum = 0.0
      for _ in 0..<Self.episodesPerEpoch {
        car.reset(seed: nil)
        sum += Self.learnEpisode(&learner, coding, in: &car)
      }
      means.append(sum / Double(Self.episodesPerEpoch))
      try report(
        .message(
          "\(epoch * Self.episodesPerEpoch) episodes: mean return \(means[epoch - 1])"
        )
      )
    }
    let returns = EpisodeReturns(
      in: MountainCar(),
      episodes: Self.testEpisodes,
      seed: seed &+ Self.testSeedOffset
    ) { Self.greedyAction(learner, coding.features(of: Array($0))) }
    let metrics = ["mean_return": returns.mean, "standard_error": returns.standardError]
    guard let folder = request.modelFolder else { return RecipeResult(metrics: metrics) }
    var record = ModelManifest.TrainingRecord(recipe: name, seed: seed)
    record.epochs = epochs
    record.optimizer = "true-online-sarsa"
    record.command = "martlet train \(name) --epochs \(epochs) --seed \(seed)"
    record.curves = ["mean_return": means]
    try QValueFolder(
      graph: try TileGraph.make(coding, learner),
      environment: MountainCar.specification,
      discount: Self.discount,
      training: record,
      metrics: metrics,
      description: summary,
      curve: LearningCurve(
        title: "\(name), seed \(seed)",
        means: means,
        episodesPerEpoch: Self.episodesPerEpoch,
        in: MountainCar.specification,
        threshold: MountainCar.specification.rewardThreshold
      ),
      examples: Tensor([-0.5, 0, 0.2, 0.03, -1, -0.02, 0.45, 0.05] as [Float], [4, 2])
    ).write(to: folder)
    return RecipeResult(metrics: metrics, modelFolder: folder)
  }

  /// Tiles over the specification's bounds.
  private static func coding() throws -> TileCoding {
    guard case .box(_, let low, let high, _) = MountainCar.specification.observation else {
      throw ReinforcementError.environment("MountainCar: expected an observation of numbers")
    }
    return try TileCoding(
      low: low,
      high: high,
      tilingCount: tilingCount,
      tilesPerDimension: tilesPerDimension
    )
  }

  /// Plays one episode greedily and learns from it.
  private static func learnEpisode(
    _ learner: inout TrueOnlineSARSA,
    _ coding: TileCoding,
    in car: inout MountainCar
  ) -> Double {
    learner.beginEpisode()
    var features = coding.features(of: car.observation)
    var action = greedyAction(learner, features)
    var sum = 0.0
    while true {
      let result = car.step(action)
      sum += result.reward
      let nextFeatures = coding.features(of: car.observation)
      let nextAction = greedyAction(learner, nextFeatures)
      learner.learn(
        features,
        action,
        reward: Float(result.reward),
        next: result.isTerminated ? nil : (nextFeatures, nextAction)
      )
      if result.isEnd { return sum }
      features = nextFeatures
      action = nextAction
    }
  }

  private static func greedyAction(_ learner: TrueOnlineSARSA, _ features: [Int]) -> Int {
    learner.values(features).withUnsafeBufferPointer { ActionRow(values: $0).greedyAction }
  }
}
