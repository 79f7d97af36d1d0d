import Engine
import GraphIR
import ONNXFormat
import Reinforcement
import TestSupport
import Tensors
import Testing

@testable import Zoo

@Suite struct MountainCarRecipeTests {
  private let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  @Test func theCarFindsItsWayOutOfTheValley() throws {
    let path = temporary.path + "/mountain-car/1"
    let result = try MountainCarRecipe().run(
      RecipeRequest(dataFolder: "", modelFolder: path, epochs: 1)
    ) { _ in }
    let mean = try #require(result.metrics["mean_return"])
    #expect(mean > -180)
    let folder = try ModelFolder.open(path)
    #expect(folder.manifest.labels == ["left", "none", "right"])
    #expect(folder.manifest.reinforcement?.fields == ["position", "velocity"])
    // The file alone drives as well as what was trained: the same test episodes, one observation at a time.
    let graph = try folder.graph()
    let session = try Session(graph)
    let returns = try EpisodeReturns(
      in: MountainCar(),
      episodes: 3,
      seed: 42 + 0x7E57_0000
    ) { observation in
      let feeds = [graph.inputs[0]: Tensor(Array(observation), [1, 2])]
      let values = try session.run(graph.outputs, feeds: feeds)[0].elements(of: Float.self)
      return values.withUnsafeBufferPointer { ActionRow(values: $0).greedyAction }
    }
    #expect(returns.values.allSatisfy { $0 > -200 })
  }

  @Test func theGraphFindsTheTilesThatTheCoderFinds() throws {
    let coding = try TileCoding(
      low: [-1, 0, 5],
      high: [1, 3, 6],
      tilingCount: 5,
      tilesPerDimension: 3
    )
    var random = Philox(seed: 1)
    var learner = TrueOnlineSARSA(
      featureCount: coding.featureCount,
      actionCount: 2,
      discount: 1,
      traceDecay: 0,
      rate: 1
    )
    // Whole numbers, whose sums are exact in any order.
    for feature in 0..<coding.featureCount {
      for action in 0..<2 {
        learner.beginEpisode()
        learner.learn([feature], action, reward: Float(random.below(1000)), next: nil)
      }
    }
    let graph = try TileGraph.make(coding, learner)
    // Within the bounds and around them.
    let rows = (0..<300).map { _ in
      [
        3 * random.uniform() - 1.5, 5 * random.uniform() - 1, 4.5 + 2 * random.uniform(),
      ]
    }
    let answers = try Session(graph).run(
      graph.outputs,
      feeds: [graph.inputs[0]: Tensor(rows.flatMap { $0 }, [300, 3])]
    )
    #expect(answers[0].shape == [300, 2])
    #expect(
      answers[0].elements(of: Float.self)
        == rows.flatMap { learner.values(coding.features(of: $0)) }
    )
  }
}
