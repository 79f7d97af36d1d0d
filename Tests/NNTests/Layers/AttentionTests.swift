import Engine
import GraphIR
import NN
import TestSupport
import Tensors
import Testing

@Suite struct AttentionTests {
  private struct Operands {
    var context = LayerContext(mode: .inference, seed: 2)
    let queries: ValueID
    let keys: ValueID
    let values: ValueID
    let mask: ValueID
    var feeds: [ValueID: Tensor]

    init() throws {
      let fixture = SequenceFixtures.attention
      func tensor(_ name: String) throws -> Tensor { try #require(fixture[name]).tensor() }
      queries = try context.graph.placeholder("queries", .float32, ["N", "Q", 4])
      keys = try context.graph.placeholder("keys", .float32, ["N", "S", 4])
      values = try context.graph.placeholder("values", .float32, ["N", "S", 2])
      mask = try context.graph.placeholder("mask", .float32, ["N", "S"])
      feeds = [
        queries: try tensor("queries"), keys: try tensor("keys"), values: try tensor("values"),
        mask: try tensor("mask"),
      ]
    }
  }

  private func compare(_ score: Attention.Score, with name: String) throws {
    var operands = try Operands()
    let (mean, weights) = try Attention("attention", score)(
      queries: operands.queries,
      keys: operands.keys,
      values: operands.values,
      mask: operands.mask,
      in: &operands.context
    )
    try operands.context.assign(SequenceFixtures.attention)
    let results = try operands.context.results([mean, weights], operands.feeds)
    let expected = try #require(SequenceFixtures.attention[name]).tensor()
    #expect(largestError(results[0], expected) <= 1e-6)
    // Padding has no weight at all, and each row of weights sums to 1.
    let rows = results[1].elements(of: Float.self)
    #expect((0..<3).allSatisfy { rows[$0 * 5 + 3] == 0 && rows[$0 * 5 + 4] == 0 })
    for row in 0..<6 { #expect(abs(rows[row * 5..<row * 5 + 5].reduce(0, +) - 1) < 1e-6) }
  }

  @Test func scaledDotProductIsPyTorchs() throws { try compare(.scaledDot, with: "scaled_dot") }

  @Test func additiveScoreIsBahdanaus() throws {
    try compare(.additive(units: 3), with: "additive")
  }

  @Test func generalScoreIsLuongs() throws { try compare(.general, with: "general") }

  /// Scores 0 and log 3: weights 1/4 and 3/4.
  @Test func dotProductByHand() throws {
    var context = LayerContext(mode: .inference)
    let q = try context.graph.placeholder("q", .float32, ["N", "Q", 2])
    let k = try context.graph.placeholder("k", .float32, ["N", "S", 2])
    let (mean, weights) = try Attention("a", .dot)(queries: q, keys: k, in: &context)
    let log3: Float = 1.098_612_3
    let results = try context.results(
      [mean, weights],
      [
        q: Tensor([1, 0] as [Float], [1, 1, 2]), k: Tensor([0, 8, log3, 4] as [Float], [1, 2, 2]),
      ]
    )
    #expect(largestError(results[1], Tensor([0.25, 0.75] as [Float], [1, 1, 2])) < 1e-6)
    #expect(largestError(results[0], Tensor([0.75 * log3, 5] as [Float], [1, 1, 2])) < 1e-6)
  }

  @Test(arguments: [Attention.Score.dot, .scaledDot, .general, .additive(units: 3)])
  func aQueryWithoutSourcesGetsZeros(_ score: Attention.Score) throws {
    var operands = try Operands()
    let (mean, weights) = try Attention("attention", score)(
      queries: operands.queries,
      keys: operands.keys,
      mask: operands.mask,
      in: &operands.context
    )
    operands.feeds[operands.mask] = Tensor([0, 0, 0, 0, 0, 1, 0, 0, 0, 0] as [Float], [2, 5])
    operands.feeds[operands.values] = nil
    let results = try operands.context.results([mean, weights], operands.feeds)
    #expect(results[0].elements(of: Float.self)[0..<12].allSatisfy { $0 == 0 })
    #expect(results[1].elements(of: Float.self)[0..<15].allSatisfy { $0 == 0 })
    // The only source of the second sequence has all the weight.
    #expect(results[1].elements(of: Float.self)[15] == 1)
  }

  @Test(arguments: [Attention.Score.dot, .scaledDot, .general, .additive(units: 3)])
  func gradientsMatchDifferences(_ score: Attention.Score) throws {
    for isMasked in [true, false] {
      var operands = try Operands()
      let (mean, weights) = try Attention("attention", score)(
        queries: operands.queries,
        keys: operands.keys,
        values: operands.values,
        mask: isMasked ? operands.mask : nil,
        in: &operands.context
      )
      if !isMasked { operands.feeds[operands.mask] = nil }
      try checkGradients(
        operands.context.graph,
        of: [mean, weights],
        parameters: [operands.queries, operands.keys, operands.values]
          + operands.context.graph.trainableVariables,
        feeds: operands.feeds
      )
    }
  }
}
