import Engine
import GraphIR
import ONNXFormat
import Reinforcement
import TestSupport
import Tensors
import Testing
import Training

@testable import Zoo

@Suite struct TabularRecipeTests {
  /// A lake that is not slippery is learnt in one epoch.
  private let recipe = TabularRecipe(
    name: "small-lake",
    summary: "a lake for tests",
    defaultEpochs: 1,
    makeEnvironment: { () throws(ReinforcementError) in
      try FrozenLake.environment(isSlippery: false)
    },
    discount: 0.9,
    rate: .constant(0.5),
    exploration: EpsilonGreedy(.linear(rate: 1, final: 0.1, steps: 10_000)),
    testEpisodes: 20
  )

  private let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  @Test func theLearntPolicyIsAsGoodAsValueIterations() throws {
    var lines: [String] = []
    let result = try recipe.run(RecipeRequest(dataFolder: "", seed: 3)) { event in
      if case .message(let line) = event { lines.append(line) }
    }
    #expect(result.metrics["mean_return"] == 1)
    #expect(result.metrics["optimal_mean_return"] == 1)
    #expect(result.metrics["expected_return"] == 1)
    #expect(result.metrics["optimal_expected_return"] == 1)
    // Six steps, the last of which pays: 0.9^5.
    let value = try #require(result.metrics["optimal_value"])
    #expect(abs(value - 0.59049) < 1e-8)
    #expect(lines.count == 1 && lines[0].hasPrefix("1000 episodes, "))
    #expect(result.modelFolder == nil)
  }

  @Test func theFolderAnswersWithTheTable() throws {
    let path = temporary.path + "/small-lake/1"
    let result = try recipe.run(
      RecipeRequest(dataFolder: "", modelFolder: path, seed: 3)
    ) { _ in }
    #expect(result.modelFolder == path)
    let folder = try ModelFolder.open(path)
    #expect(folder.manifest.task == "q-values")
    #expect(folder.manifest.roles == ["q_values": "q_values"])
    #expect(folder.manifest.labels == ["left", "down", "right", "up"])
    #expect(folder.manifest.metrics == result.metrics)
    let format = try #require(folder.manifest.reinforcement)
    #expect(format.environment == "FrozenLakeNotSlippery-v1" && format.discount == 0.9)
    #expect(format.low == [0] && format.high == [15])
    let graph = try folder.graph()
    let answers = try Session(graph).run(
      graph.outputs,
      feeds: [graph.inputs[0]: Tensor(vector: [Int64(14), 10])]
    )
    #expect(answers[0].shape == [2, 4])
    // Right from 14 and down from 10 lead to the goal's row.
    let values = answers[0].elements(of: Float.self)
    #expect(values[2] == values[..<4].max() && values[5] == values[4...].max())
    #expect(abs(values[2] - 1) < 1e-3)
  }

  @Test func aStoppedTrainingWritesNothing() throws {
    let control = TrainingControl()
    control.requestStop()
    var request = RecipeRequest(dataFolder: "", modelFolder: temporary.path + "/small-lake/1")
    request.control = control
    let result = try recipe.run(request) { _ in }
    #expect(result.metrics.isEmpty && result.modelFolder == nil)
  }

  @Test func theTableIsTheGraphsRow() throws {
    let graph = try TabularRecipe.graph(QTable(stateCount: 3, actionCount: 2, initialValue: 7))
    let answers = try Session(graph).run(
      graph.outputs,
      feeds: [graph.inputs[0]: Tensor(vector: [Int64(2)])]
    )
    #expect(answers == [Tensor([7, 7] as [Float], [1, 2])])
  }
}
