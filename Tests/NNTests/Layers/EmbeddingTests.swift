import Engine
import GraphIR
import NN
import TestSupport
import Tensors
import Testing

@Suite struct EmbeddingTests {
  private let vectors = Tensor([0, 1, 2, 3, 4, 5] as [Float], [3, 2])
  private let tokens = Tensor([2, 0, 2, 1] as [Int64], [2, 2])

  @Test func tokensReadTheirRows() throws {
    var context = LayerContext(mode: .inference)
    let input = try context.graph.placeholder("tokens", .int64, ["N", "T"])
    let y = try Embedding("words", count: 3, size: 2, vectors: vectors)(input, in: &context)
    #expect(context.graph[y].type == ValueType(.float32, ["N", "T", 2]))
    let result = try context.results([y], [input: tokens])[0]
    #expect(result == Tensor([4, 5, 0, 1, 4, 5, 2, 3] as [Float], [2, 2, 2]))
    #expect(context.graph.trainableVariables.map { context.graph[$0].name } == ["words/table"])
  }

  @Test func frozenVectorsAreNotTrained() throws {
    var context = LayerContext(mode: .training)
    let input = try context.graph.placeholder("tokens", .int64, ["N", "T"])
    let layer = Embedding("words", count: 3, size: 2, vectors: vectors, isTrainable: false)
    _ = try layer(input, in: &context)
    #expect(context.graph.trainableVariables.isEmpty && context.graph.variables.count == 1)
  }

  @Test func rowsReadTwiceGetTheSumOfTheirGradients() throws {
    var context = LayerContext(mode: .training, seed: 2)
    let input = try context.graph.placeholder("tokens", .int64, ["N", "T"])
    let y = try Embedding("words", count: 4, size: 2)(input, in: &context)
    try checkGradients(
      context.graph,
      of: [y],
      parameters: context.graph.trainableVariables,
      feeds: [input: tokens]
    )
  }

  @Test func vectorsOfAnotherShapeAreRefused() throws {
    var context = LayerContext(mode: .training)
    let input = try context.graph.placeholder("tokens", .int64, ["N"])
    let error = #expect(throws: GraphError.self) {
      try Embedding("words", count: 4, size: 2, vectors: vectors)(input, in: &context)
    }
    #expect("\(try #require(error))".contains("expected float32[4,2]"))
  }
}
