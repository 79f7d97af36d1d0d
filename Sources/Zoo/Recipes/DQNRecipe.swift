import GraphIR
import ONNXFormat
import Reinforcement
import Storage
import Tensors
import Training

/// Learns to play an environment by deep Q-learning, and ships the best network that was seen.
///
/// The best is chosen by greedy episodes during the training; the numbers of the model are measured on fresh ones that no choice has
/// seen. Metrics: `mean_return` over `testEpisodes`, `episodes`, and `win_rate`, the share of episodes with a return above 0, where
/// returns are won or lost. An epoch is `stepsPerEpoch` steps in the environment.
package struct DQNRecipe: Recipe {
  package let name: String
  package let summary: String
  package let dataSets: [String] = []
  package let defaultEpochs: Int
  package let defaultSeed: UInt64 = 42

  let environment: any Environment
  let architecture: QNetworkArchitecture
  /// Everything but steps and seeds.
  let options: DQNTrainingOptions
  let testEpisodes: Int
  let hasWins: Bool

  package static let stepsPerEpoch = 1_000
  /// Observations whose values are kept as `golden.npz`.
  private static let exampleCount = 8
  /// Added to the seed of the training for that of the fresh episodes.
  static let testSeedOffset: UInt64 = 0x7E57_0000

  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    try VersionPath.checkIsFree(request.modelFolder)
    let seed = request.seed ?? defaultSeed
    let epochs = request.epochs ?? defaultEpochs
    let network = try QNetwork(architecture.graph(seed: seed))
    var options = options
    options.steps = epochs * Self.stepsPerEpoch
    options.seed = seed
    options.learning.seed = seed
    options.learning.threads = request.threads
    options.checkpoints = request.checkpoint.map { CheckpointPolicy(path: $0, minimumSeconds: 10) }
    let training = try DQNTraining(network, environment: environment, options: options)
    if let checkpoint = request.checkpoint, FileAccess.exists(checkpoint) {
      try training.resume(from: checkpoint)
    }
    let ended = try training.run(control: request.control) { event in
      guard case .evaluation(let point) = event else { return }
      try report(
        .message(
          "\(point.step) steps: mean return \(Self.short(point.meanReturn)), loss \(Self.short(point.loss))"
            + (point.isBest ? ", kept" : "")
        )
      )
    }
    guard ended.end != .stoppedOnRequest else {
      try report(.message("stopped after step \(ended.steps); no model was written"))
      return RecipeResult(metrics: [:])
    }
    let graph = try network.servingGraph(weights: ended.weights)
    let metrics = try measure(graph, seed: seed &+ Self.testSeedOffset)
    guard let folder = request.modelFolder else { return RecipeResult(metrics: metrics) }
    try QValueFolder(
      graph: graph,
      environment: environment.specification,
      // Through its text: 0.99, not the nearest Float's digits.
      discount: Double("\(options.discount)") ?? Double(options.discount),
      steps: options.returnSteps,
      training: record(seed: seed, epochs: epochs, ended),
      metrics: metrics,
      description: summary,
      curve: curve(ended),
      examples: examples(graph, seed: seed)
    ).write(to: folder)
    return RecipeResult(metrics: metrics, modelFolder: folder)
  }

  private func player(of graph: Graph) throws -> GreedyPolicy {
    try GreedyPolicy(
      graph,
      scores: QNetwork.valuesName,
      for: environment.specification
    )
  }

  /// Plays fresh episodes with the graph as it is served.
  private func measure(_ graph: Graph, seed: UInt64) throws -> [String: Double] {
    let player = try player(of: graph)
    let returns = try EpisodeReturns(in: environment, episodes: testEpisodes, seed: seed) {
      try player.action(for: $0)
    }
    var metrics = ["mean_return": returns.mean, "episodes": Double(testEpisodes)]
    if hasWins {
      let wins = returns.values.count { $0 > 0 }
      metrics["win_rate"] = Double(wins) / Double(testEpisodes)
    }
    return metrics
  }

  private func record(
    seed: UInt64,
    epochs: Int,
    _ ended: DQNReport
  ) -> ModelManifest.TrainingRecord {
    var record = ModelManifest.TrainingRecord(recipe: name, seed: seed)
    record.epochs = epochs
    record.batchSize = options.learning.batchSize
    record.optimizer = options.learning.optimizer.name
    record.command = "martlet train \(name) --epochs \(epochs) --seed \(seed)"
    record.curves = [
      "step": ended.curve.map { Double($0.step) }, "mean_return": ended.curve.map(\.meanReturn),
      "loss": ended.curve.map(\.loss),
    ]
    return record
  }

  private func curve(_ ended: DQNReport) -> LearningCurve {
    var curve = LearningCurve(
      title: "\(name): greedy episodes during the training",
      xLabel: "steps in the environment",
      yLabel: "mean return",
      threshold: environment.specification.rewardThreshold
    )
    curve.series = [.init("mean return", ended.curve.map { (Double($0.step), $0.meanReturn) })]
    return curve
  }

  /// Observations along an episode, [N, ...].
  private func examples(_ graph: Graph, seed: UInt64) throws -> Tensor {
    var environment = environment
    environment.reset(seed: seed)
    let player = try player(of: graph)
    var numbers: [Float] = []
    for _ in 0..<Self.exampleCount {
      let observation = environment.observation
      numbers += observation
      let action = try observation.withUnsafeBufferPointer { try player.action(for: $0) }
      if environment.step(action).isEnd { environment.reset(seed: nil) }
    }
    return Tensor(numbers, Shape([Self.exampleCount] + architecture.observation.dimensions))
  }

  private static func short(_ value: Double) -> String {
    String((value * 10_000).rounded() / 10_000)
  }
}

extension DQNRecipe {
  /// CartPole-v1 with a dueling network 4-64-64.
  package static let cartPole = DQNRecipe(
    name: "cartpole-dqn",
    summary: "CartPole: double deep Q-learning, dueling network, three-step returns",
    defaultEpochs: 100,
    environment: CartPole(),
    architecture: .dense(observation: 4, actions: 2, isDueling: true),
    options: DQNTrainingOptions(
      steps: stepsPerEpoch,
      exploration: EpsilonGreedy(.linear(rate: 1, final: 0.04, steps: 10_000)),
      returnSteps: 3,
      learning: DQNOptions(
        batchSize: 64,
        schedule: .linear(rate: 5e-4, final: 5e-5, steps: 100_000),
        clipping: .globalNorm(10),
        target: .hard(every: 250)
      ),
      evaluation: .init(everySteps: 2_500, episodes: 20, target: 500, confirmingEpisodes: 100)
    ),
    testEpisodes: 100,
    hasWins: false
  )

  /// Catch at 21 x 21 pixels.
  package static let smallCatch = pixels(
    name: "catch-dqn",
    summary: "Catch from 21x21 pixels: double deep Q-learning, dueling convolutional network",
    defaultEpochs: 260,
    batchSize: 64,
    isSmall: true,
    architecture: .smallPixels(actions: 3, isDueling: true)
  )

  /// Catch at 84 x 84 pixels with the network of the Atari games.
  package static let natureCatch = pixels(
    name: "catch-nature-dqn",
    summary: "Catch from 84x84 pixels: double deep Q-learning with the Nature network",
    defaultEpochs: 60,
    batchSize: 32,
    isSmall: false,
    architecture: .nature(actions: 3)
  )

  private static func pixels(
    name: String,
    summary: String,
    defaultEpochs: Int,
    batchSize: Int,
    isSmall: Bool,
    architecture: QNetworkArchitecture
  ) -> DQNRecipe {
    let updates = defaultEpochs * stepsPerEpoch / 2
    return DQNRecipe(
      name: name,
      summary: summary,
      defaultEpochs: defaultEpochs,
      environment: Catch(isSmall: isSmall),
      architecture: architecture,
      options: DQNTrainingOptions(
        steps: stepsPerEpoch,
        stepsPerUpdate: 2,
        exploration: EpsilonGreedy(.linear(rate: 1, final: 0.02, steps: 20_000)),
        returnSteps: 3,
        capacity: 100_000,
        byteCountMax: 400 << 20,
        learning: DQNOptions(
          batchSize: batchSize,
          schedule: .linear(rate: 1e-3, final: 1e-5, steps: updates),
          clipping: .globalNorm(10),
          target: .hard(every: 500)
        ),
        evaluation: .init(
          everySteps: 5_000,
          episodes: 200,
          target: 0.995,
          confirmingEpisodes: 1_000
        )
      ),
      testEpisodes: 1_000,
      hasWins: true
    )
  }
}
