import Engine
import GraphIR
import NN
import Tensors
import Testing

/// A decoder that walks a whole text at once must give the bits of one that takes it step by step, alone or in a batch: texts would
/// otherwise depend on the load of the server.
@Suite struct DecoderStepTests {
  /// tokens [N, T], states and source, batch first, to logits [N, T, V] and new states.
  private struct Decoder {
    var context = LayerContext(mode: .inference, seed: 9)
    let tokens: ValueID
    let source: ValueID
    let mask: ValueID
    var states: [ValueID] = []
    var fetches: [ValueID] = []

    init(_ cell: RecurrentCell, _ score: Attention.Score) throws {
      tokens = try context.graph.placeholder("tokens", .int64, ["N", "T"])
      source = try context.graph.placeholder("source", .float32, ["N", 7, 40])
      mask = try context.graph.placeholder("mask", .float32, ["N", 7])
      var initial: [RecurrentState] = []
      for layer in 0..<2 {
        let hidden = try context.graph.placeholder("hidden_\(layer)", .float32, ["N", 40])
        states.append(hidden)
        guard cell == .lstm else {
          initial.append(RecurrentState(hidden: hidden))
          continue
        }
        let memory = try context.graph.placeholder("cell_\(layer)", .float32, ["N", 40])
        states.append(memory)
        initial.append(RecurrentState(hidden: hidden, cell: memory))
      }
      let x = try Embedding("words", count: 50, size: 24)(tokens, in: &context)
      let stack = RecurrentStack(Recurrent("stack", cell, units: 40), depth: 2)
      let output = try stack(x, initial: initial, in: &context)
      let attention = Attention("attention", score)
      let read = try attention(queries: output.steps, keys: source, mask: mask, in: &context)
      let joined = try context.apply(
        "Concat",
        output.steps,
        read.context,
        attributes: ["axis": .int(2)]
      )
      let logits = try Dense("logits", 50, activation: .tanh)(joined, in: &context)
      fetches =
        [logits] + output.states.flatMap { [$0.hidden] + ($0.cell.map { [$0] } ?? []) }
    }
  }

  private func rows(_ tensor: Tensor, _ row: Int) -> Tensor {
    let size = tensor.shape.elementCount / tensor.shape[0]
    let elements = tensor.elements(of: Float.self)
    return Tensor(
      Array(elements[row * size..<(row + 1) * size]),
      Shape([1] + tensor.shape.dimensions.dropFirst())
    )
  }

  @Test(arguments: RecurrentCell.allCases, [Attention.Score.scaledDot, .additive(units: 16)])
  func stepsAndBatchesDoNotChangeABit(_ cell: RecurrentCell, _ score: Attention.Score) throws {
    let decoder = try Decoder(cell, score)
    let session = try Session(decoder.context.graph)
    let (batch, steps) = (5, 6)
    let tokens = (0..<batch * steps).map { Int64($0 * 17 % 50) }
    var feeds: [ValueID: Tensor] = [
      decoder.tokens: Tensor(tokens, [batch, steps]),
      decoder.source: numbers([batch, 7, 40], seed: 3),
      decoder.mask: Tensor(
        (0..<batch * 7).map { $0 % 7 <= $0 / 7 ? Float(1) : 0 },
        [batch, 7]
      ),
    ]
    for (index, state) in decoder.states.enumerated() {
      feeds[state] = numbers([batch, 40], seed: UInt64(10 + index))
    }
    let together = try session.run(decoder.fetches, feeds: feeds)
    let logits = together[0].elements(of: Float.self)
    for row in 0..<batch {
      var alone = feeds.filter { $0.key != decoder.tokens }.mapValues { rows($0, row) }
      for step in 0..<steps {
        let token = tokens[row * steps + step]
        alone[decoder.tokens] = Tensor([token], [1, 1])
        let results = try session.run(decoder.fetches, feeds: alone)
        let first = (row * steps + step) * 50
        #expect(results[0].elements(of: Float.self) == Array(logits[first..<first + 50]))
        for (state, value) in zip(decoder.states, results.dropFirst()) { alone[state] = value }
      }
      for (state, value) in zip(decoder.states, together.dropFirst()) {
        #expect(alone[state] == rows(value, row))
      }
    }
  }
}
