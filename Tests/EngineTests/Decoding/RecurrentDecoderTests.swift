import GraphIR
import Tensors
import TestSupport
import Testing

@testable import Engine

/// Decoders with the recurrent operators: what serving promises depends on their kernels.
@Suite struct RecurrentDecoderTests {
  private static let vocabularySize = 19
  private static let width = 24

  /// An embedding, a recurrent layer, and scores; states [N,H] are the operator's [1,N,H].
  private func loop(_ op: OperatorName, rows: Int, chunk: Int) throws -> DecodingLoop {
    let (size, width) = (Self.vocabularySize, Self.width)
    var graph = Graph(name: "recurrent")
    func weights(_ shape: Shape, _ seed: UInt64) throws -> ValueID {
      try graph.constant(.random(shape, seed: seed, in: -0.8...0.8))
    }
    let gates = ["RNN": 1, "GRU": 3, "LSTM": 4][op.name] ?? 1
    let stateCount = op == "LSTM" ? 2 : 1
    let tokens = try graph.placeholder("tokens", .int64, ["N", "T"])
    let first = try graph.constant(Tensor(vector: [0] as [Int64]))
    let second = try graph.constant(Tensor(vector: [1] as [Int64]))
    var states: [ValueID] = []
    for index in 0..<stateCount {
      let state = try graph.placeholder("state\(index)", .float32, ["N", .known(width)])
      states.append(try graph.apply1("Unsqueeze", [state, first]))
    }
    let embedded = try graph.apply1("Gather", [weights([size, 8], 1), tokens])
    let steps = try graph.apply1("Transpose", [embedded], ["perm": .ints([1, 0, 2])])
    var operands: [ValueID?] = [
      steps, try weights([1, gates * width, 8], 2), try weights([1, gates * width, width], 3),
      try weights([1, 2 * gates * width], 4), nil,
    ]
    operands += states.map { $0 }
    let results = try graph.apply(
      op,
      operands,
      ["hidden_size": .int(width)],
      outputCount: 1 + stateCount
    )
    var format = DecoderFormat(input: "tokens", output: "logits")
    var outputs: [ValueID] = []
    for index in 0..<stateCount {
      let last = try #require(results[1 + index])
      outputs.append(try graph.apply1("Squeeze", [last, first], name: "new\(index)"))
      format.states.append(("state\(index)", "new\(index)"))
    }
    let all = try graph.apply1("Squeeze", [results[0], second])
    let rowsFirst = try graph.apply1("Transpose", [all], ["perm": .ints([1, 0, 2])])
    let logits = try graph.apply1(
      "MatMul",
      [rowsFirst, weights([width, size], 5)],
      name: "logits"
    )
    graph.outputs = [logits] + outputs
    var limits = DecodingLimits()
    limits.rows = rows
    limits.prefillChunkTokens = chunk
    return DecodingLoop(try Decoder(Session(graph), format, limits: limits), limits: limits)
  }

  private func requests() -> [DecodingRequest] {
    (0..<40).map { number in
      var random = Philox(seed: 3, stream: UInt64(number))
      let prompt = (0..<1 + random.below(70)).map { _ in random.below(Self.vocabularySize) }
      let beam = BeamSearch(width: 3, bestCount: 2)
      let sampling = Sampling(temperature: 1.2, seed: UInt64(number))
      return DecodingRequest(
        .tokens(prompt),
        strategy: number % 8 == 5 ? .beam(beam) : .sampling(sampling),
        lengthMax: 1 + random.below(24)
      )
    }
  }

  @Test(arguments: ["RNN", "GRU", "LSTM"])
  func textsAreTheSameInEveryBatchAndForEveryPieceOfThePrompt(op: String) throws {
    let requests = requests()
    // One row is all that a beam of 3 and single streams have in common: 4 rows, token by token.
    let alone = try loop(OperatorName(op), rows: 4, chunk: 1)
    let expected = try requests.map { try #require(alone.run([$0]).first) }
    for (rows, chunk) in [(8, 8), (32, 64)] {
      let together = try loop(OperatorName(op), rows: rows, chunk: chunk)
      #expect(try together.run(requests) == expected, "\(rows) rows, pieces of \(chunk)")
    }
  }
}
