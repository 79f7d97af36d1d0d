import Engine
import GraphIR
import NN
import Tensors
import TestSupport
import Testing

@testable import Reinforcement

@Suite struct QNetworkTests {
  @Test func aDuelingNetworksValuesAreStatePlusAdvantage() throws {
    let graph = try QNetworkArchitecture.dense(observation: 3, actions: 4, isDueling: true)
      .graph(seed: 3)
    #expect(graph.outputs.map { graph[$0].name } == ["q_values", "state_value", "advantage"])
    let observation = Tensor.random([5, 3], seed: 1, in: -2...2)
    let outputs = try Session(graph).run(graph.outputs, feeds: [graph.inputs[0]: observation])
      .map { $0.elements(of: Float.self) }
    for row in 0..<5 {
      let advantages = outputs[2][row * 4..<row * 4 + 4]
      #expect(abs(advantages.reduce(0, +)) < 1e-5)
      for (value, advantage) in zip(outputs[0][row * 4..<row * 4 + 4], advantages) {
        #expect(abs(value - (outputs[1][row] + advantage)) < 1e-6)
      }
    }
  }

  @Test func pixelNetworksHaveTheirPapersSizes() throws {
    func parameters(_ architecture: QNetworkArchitecture) throws -> Int {
      let graph = try architecture.graph(seed: 0)
      return graph.variables.reduce(0) { $0 + (graph[$1].type.shape.concrete?.elementCount ?? 0) }
    }
    // Mnih and others 2015 with four actions.
    #expect(try parameters(.nature(actions: 4)) == 1_686_180)
    #expect(try parameters(.smallPixels(actions: 3, isDueling: true)) * 4 < 500_000)
  }

  @Test func bytesAndFractionsOfThemGiveTheSameValues() throws {
    let architecture = QNetworkArchitecture.smallPixels(actions: 3)
    var plain = architecture
    plain.scale = 1
    let graph = try architecture.graph(seed: 4)
    let other = try plain.graph(seed: 4)
    let bytes = (0..<4 * 21 * 21).map { Float($0 * 37 % 256) }
    let expected = try Session(other).run(
      other.outputs,
      feeds: [other.inputs[0]: Tensor(bytes.map { $0 / 255 }, [1, 4, 21, 21])]
    )
    let found = try Session(graph).run(
      graph.outputs,
      feeds: [graph.inputs[0]: Tensor(bytes, [1, 4, 21, 21])]
    )
    #expect(largestError(found[0], expected[0]) < 1e-5)
  }

  @Test func graphsWithAnotherSignatureAreRefused() throws {
    func graph(_ shape: PartialShape, outputs: Int = 1, trainable: Bool = true) throws -> Graph {
      var graph = Graph()
      let x = try graph.placeholder("x", .float32, shape)
      let weight = try graph.variable(
        "w",
        Tensor(repeating: Float(1), [2, 3]),
        trainable: trainable
      )
      for _ in 0..<outputs {
        graph.outputs.append(try graph.apply1("MatMul", [x, weight]))
      }
      return graph
    }
    #expect(try QNetwork(graph(["N", 2])).actionCount == 3)
    // A fixed batch is freed.
    let fixed = try QNetwork(graph([1, 2]))
    #expect(fixed.graph[fixed.observation].type.shape.dimensions?.first?.size == nil)
    #expect(throws: ReinforcementError.self) { try QNetwork(graph(["N", 2], outputs: 2)) }
    #expect(throws: ReinforcementError.self) { try QNetwork(graph(["N", 5, 2])) }
    #expect(throws: ReinforcementError.self) { try QNetwork(graph(["N", 2], trainable: false)) }
    #expect(throws: ReinforcementError.self) { try QNetwork(graph(["N", 2]), values: "q") }
  }
}
