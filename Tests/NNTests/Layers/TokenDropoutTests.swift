import Engine
import GraphIR
import NN
import Tensors
import Testing

@Suite struct TokenDropoutTests {
  private func graph(
    _ mode: BuildMode,
    rate: Float
  ) throws -> (context: LayerContext, tokens: ValueID, read: ValueID) {
    var context = LayerContext(mode: mode)
    let tokens = try context.graph.placeholder("tokens", .int64, ["N", "T"])
    let read = try TokenDropout(rate, replacement: 1)(tokens, in: &context)
    return (context, tokens, read)
  }

  @Test func aShareOfTheTokensIsReplacedInTraining() throws {
    let (context, tokens, read) = try graph(.training, rate: 0.3)
    let ids = Tensor((0..<2000).map { Int64($0 + 5) }, [20, 100])
    let session = try Session(
      context.graph,
      options: SessionOptions(random: RandomState(seed: 3))
    )
    let result = try session.run([read], feeds: [tokens: ids])[0].elements(of: Int64.self)
    let replaced = result.count { $0 == 1 }
    // Six standard deviations of the binomial distribution are 123.
    #expect((477...723).contains(replaced))
    #expect(zip(result, 5...).allSatisfy { $0 == 1 || $0 == $1 })
  }

  @Test func inferenceReadsAllTokens() throws {
    let (context, tokens, read) = try graph(.inference, rate: 0.3)
    #expect(read == tokens && context.graph.nodes.isEmpty)
  }

  @Test(arguments: [Float(-0.1), 1])
  func anImpossibleRateIsRefused(_ rate: Float) {
    #expect(throws: GraphError.self) { try graph(.training, rate: rate) }
  }
}
