import Engine
import GraphIR
import Reinforcement
import Tensors
import Testing
import Training

@Suite struct GeneticSearchTests {
  private static let linear = PolicyNetwork(for: CartPole.specification, hidden: [])

  @Test func tenGenerationsLearnToBalance() throws {
    var options = GeneticOptions()
    options.populationSize = 30
    options.episodes = 3
    var search = try GeneticSearch(Self.linear, in: CartPole(), options: options)
    var generations: [GeneticSearch.Generation] = []
    for _ in 0..<10 { generations.append(search.runGeneration()) }
    #expect(generations[0].meanFitness < 150)
    #expect(generations[9].meanFitness > 2 * generations[0].meanFitness)
    #expect(generations[9].bestFitness >= 475)
    #expect(generations[9].episodes == 10 * 30 * 3)
  }

  @Test func equalSeedsGiveEqualGenerations() throws {
    func firstGenerations(seed: UInt64) throws -> [GeneticSearch.Generation] {
      var options = GeneticOptions()
      options.populationSize = 6
      options.eliteCount = 1
      options.episodes = 1
      options.seed = seed
      var search = try GeneticSearch(Self.linear, in: CartPole(), options: options)
      return (0..<3).map { _ in search.runGeneration() }
    }
    #expect(try firstGenerations(seed: 3) == firstGenerations(seed: 3))
    #expect(try firstGenerations(seed: 3) != firstGenerations(seed: 4))
  }

  @Test func genesScoreAsTheServedGraphDoes() throws {
    let network = PolicyNetwork(observationSize: 4, actionCount: 3, hidden: [5, 6])
    var random = Philox(seed: 2)
    let genes = (0..<GenePolicy.geneCount(of: network)).map { _ in random.uniform() * 4 - 2 }
    var policy = GenePolicy(network, genes: genes)
    let graph = try network.servingGraph(weights: policy.weights)
    let session = try Session(graph)
    var chosen: Set<Int> = []
    for _ in 0..<50 {
      let row = (0..<4).map { _ in random.uniform() * 2 - 1 }
      let logits = try session.run(
        [graph.outputs[0]],
        feeds: [graph.inputs[0]: Tensor(row, [1, 4])]
      )[0]
      .elements(of: Float.self)
      let action = row.withUnsafeBufferPointer { policy.action(for: $0) }
      #expect(logits[action] >= (logits.max() ?? 0) - 1e-5)
      chosen.insert(action)
    }
    #expect(chosen.count > 1)
  }

  @Test func impossibleOptionsAreRefused() {
    var options = GeneticOptions()
    options.eliteCount = options.populationSize
    #expect(throws: TrainingError.self) {
      try GeneticSearch(Self.linear, in: CartPole(), options: options)
    }
  }
}
