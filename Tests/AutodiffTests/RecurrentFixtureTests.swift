import Autodiff
import Engine
import GraphIR
import TestSupport
import Tensors
import Testing

/// RNN, GRU and LSTM against onnxruntime (results) and PyTorch (gradients), by the reference interpreter and by the engine.
@Suite struct RecurrentFixtureTests {
  @Test(arguments: RecurrentFixtures.all)
  func resultsAreThoseOfOnnxruntime(_ fixture: RecurrentFixture) throws {
    let (graph, _, outputs, feeds) = try fixture.graph()
    let expected = try fixture.outputs.map { try $0.tensor() }
    try compare(graph, outputs, feeds, expected)
  }

  @Test(arguments: RecurrentFixtures.all)
  func gradientsAreThoseOfPyTorch(_ fixture: RecurrentFixture) throws {
    var (graph, operands, outputs, feeds) = try fixture.graph()
    var terms: [ValueID] = []
    for (output, numbers) in zip(outputs, fixture.weights) {
      let weights = try graph.constant(numbers.tensor())
      let product = try graph.apply1("Mul", [output, weights])
      terms.append(try graph.apply1("ReduceSum", [product], ["keepdims": .int(0)]))
    }
    let loss = try graph.apply1("Sum", terms)
    let pairs = zip(operands, fixture.gradients).compactMap { operand, numbers in
      operand.flatMap { id in numbers.map { (id, $0) } }
    }
    let gradients = try graph.gradients(of: loss, withRespectTo: pairs.map(\.0))
    try compare(graph, gradients, feeds, pairs.map { try $0.1.tensor() })
  }

  private func compare(
    _ graph: Graph,
    _ fetches: [ValueID],
    _ feeds: [ValueID: Tensor],
    _ expected: [Tensor]
  ) throws {
    var interpreter = ReferenceInterpreter(graph)
    let reference = try interpreter.run(fetches, feeds: feeds)
    let engine = try Session(graph).run(fetches, feeds: feeds)
    for results in [reference, engine] {
      try #require(results.count == expected.count)
      for (result, goal) in zip(results, expected) {
        try #require(result.shape == goal.shape)
        let errors = zip(result.elements(of: Float.self), goal.elements(of: Float.self)).map {
          abs($0 - $1) / max(1, abs($1))
        }
        #expect(errors.allSatisfy { $0 <= 1e-5 }, "\(errors.max() ?? 0)")
      }
    }
  }
}
