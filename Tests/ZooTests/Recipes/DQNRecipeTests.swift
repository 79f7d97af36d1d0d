import GraphIR
import ONNXFormat
import Reinforcement
import TestSupport
import Tensors
import Testing
import Training

@testable import Zoo

@Suite struct DQNRecipeTests {
  /// CartPole for some seconds of a beginner's play: enough for a folder, not for a champion.
  private let recipe = DQNRecipe(
    name: "short-cartpole",
    summary: "a pole for tests",
    defaultEpochs: 1,
    environment: CartPole(),
    architecture: .dense(observation: 4, actions: 2, hidden: [16], isDueling: true),
    options: DQNTrainingOptions(
      steps: 1,
      warmUp: 200,
      returnSteps: 3,
      learning: DQNOptions(schedule: .constant(1e-3)),
      evaluation: .init(everySteps: 500, episodes: 3, confirmingEpisodes: 3)
    ),
    testEpisodes: 5,
    hasWins: false
  )

  private let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  @Test func theFolderAnswersAsTheDuelingNetwork() throws {
    let path = temporary.path + "/short-cartpole/1"
    var lines: [String] = []
    let request = RecipeRequest(dataFolder: "", modelFolder: path, seed: 3)
    let result = try recipe.run(request) { event in
      if case .message(let line) = event { lines.append(line) }
    }
    #expect(lines.count == 2 && lines[1].contains(" steps: mean return "))
    #expect((result.metrics["mean_return"] ?? 0) >= 8)
    let folder = try ModelFolder.open(path)
    #expect(folder.manifest.task == "q-values")
    #expect(folder.manifest.roles.keys.sorted() == ["advantage", "q_values", "state_value"])
    #expect(folder.manifest.labels == ["left", "right"])
    #expect(folder.manifest.metrics == result.metrics)
    let format = try #require(folder.manifest.reinforcement)
    #expect(format.environment == "CartPole-v1" && format.steps == 3)
    #expect(format.fields?.first == "cart_position")
    // What was measured is what is served.
    let player = try GreedyPolicy(
      folder.graph(),
      scores: "q_values",
      for: CartPole().specification
    )
    let seed = 3 + DQNRecipe.testSeedOffset
    let returns = try EpisodeReturns(in: CartPole(), episodes: 5, seed: seed) {
      try player.action(for: $0)
    }
    #expect(returns.mean == result.metrics["mean_return"])
    let again = try recipe.run(RecipeRequest(dataFolder: "", seed: 3)) { _ in }
    #expect(again.metrics == result.metrics)
  }

  @Test func aStoppedTrainingWritesNoModel() throws {
    let path = temporary.path + "/short-cartpole/1"
    let control = TrainingControl()
    control.requestStop()
    let request = RecipeRequest(dataFolder: "", modelFolder: path, control: control)
    let result = try recipe.run(request) { _ in }
    #expect(result.modelFolder == nil && result.metrics.isEmpty)
  }

  @Test func theCatchersNetworkIsSmallEnoughToShip() throws {
    let graph = try DQNRecipe.smallCatch.architecture.graph(seed: 1)
    let count = graph.variables.reduce(0) {
      $0 + (graph[$1].type.shape.concrete?.elementCount ?? 0)
    }
    #expect(count * 4 < 500_000)
  }
}
