import GraphIR
import Reinforcement
import Tensors
import Testing

@Suite struct GreedyPolicyTests {
  private static let network = PolicyNetwork(for: CartPole.specification, hidden: [3])

  private static func graph() throws -> (Graph, GenePolicy) {
    var random = Philox(seed: 8)
    let genes = (0..<GenePolicy.geneCount(of: network)).map { _ in random.uniform() * 2 - 1 }
    let policy = GenePolicy(network, genes: genes)
    return (try network.servingGraph(weights: policy.weights), policy)
  }

  @Test func playsAsTheNetworkThatItWasMadeOf() throws {
    let (graph, genes) = try Self.graph()
    let policy = try GreedyPolicy(graph, scores: "logits", for: CartPole.specification)
    let returns = try EpisodeReturns(of: policy, in: CartPole(), episodes: 20, seed: 1)
    #expect(try returns == EpisodeReturns(of: genes, in: CartPole(), episodes: 20, seed: 1))
    #expect(Set(returns.values).count > 1)
  }

  @Test func readsStatesByTheirNumber() throws {
    var table = Graph()
    let state = try table.placeholder("observation", .int64, ["N"])
    // Right from the first state of the 4 x 4 lake, down from all others.
    let rows: [Float] = (0..<16).flatMap { [0, $0 < 1 ? 0 : 1, $0 < 1 ? 1 : 0, 0] }
    let values = try table.constant(Tensor(rows, [16, 4]))
    table.outputs = [try table.apply1("Gather", [values, state], name: "q_values")]
    var lake = try FrozenLake.environment(isSlippery: false)
    lake.reset(seed: 0)
    let policy = try GreedyPolicy(table, scores: "q_values", for: lake.specification)
    var states: [Int] = []
    for _ in 0..<2 {
      _ = lake.step(try lake.observation.withUnsafeBufferPointer { try policy.action(for: $0) })
      states.append(lake.state)
    }
    #expect(states == [1, 5])
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let (graph, _) = try Self.graph()
    #expect(throws: ReinforcementError.self) {
      try GreedyPolicy(graph, scores: "q_values", for: CartPole.specification)
    }
    #expect(throws: ReinforcementError.self) {
      try GreedyPolicy(graph, scores: "logits", for: MountainCar.specification)
    }
  }
}
