import Engine
import GraphIR
import Tensors
import Testing
import Training

@Suite struct WeightAveragingTests {
  @Test func theAverageFollowsTheWeightsBeforeEachStep() throws {
    var graph = Graph()
    let w = try graph.variable("layer/w", Tensor(vector: [Float(1), -2]))
    let gradient = try graph.constant(Tensor(vector: [Float(1), 2]))
    let rate = try graph.placeholder("learning_rate", .float32, [])
    let updates = try WeightAveraging(SGD(), decay: 0.15).addUpdates(
      of: [TrainedParameter(variable: w, gradient: gradient, isDecayed: false)],
      rate: rate,
      scale: nil,
      to: &graph
    )
    let average = try #require(
      graph.variables.first { graph[$0].name == "average/layer/w" }
    )
    #expect(graph.trainableVariables == [w])
    let session = try Session(graph)
    var weights: [Float] = [1, -2]
    var expected: [Float] = [0, 0]
    for step in 1...5 {
      _ = try session.run(updates, feeds: [rate: Tensor(scalar: Float(0.5))])
      // (1 + t) / (10 + t) is 0.1 for the first step and above 0.15 from the second on.
      let kept: Float = step == 1 ? 0.1 : 0.15
      expected = zip(expected, weights).map { $0 * kept + $1 * (1 - kept) }
      weights = [weights[0] - 0.5, weights[1] - 1]
      let values = try session.value(of: average).elements(of: Float.self)
      for (value, number) in zip(values, expected) { #expect(abs(value - number) < 1e-5) }
    }
    #expect(try session.value(of: w).elements(of: Float.self) == weights)
  }
}
