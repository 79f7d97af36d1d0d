import GraphIR
import Tensors
import TestSupport
import Testing

@testable import Engine

@Suite struct DecoderTests {
  /// The logits of the next step of a stream that has read `tokens`, the last one in the step, its prompt in pieces of `chunk`.
  private func logits(_ tokens: [Int], chunk: Int) throws -> [Float] {
    let decoder = try TinyDecoder.decoder()
    try decoder.begin([:])
    var read = 0
    while read < tokens.count - 1 {
      let count = min(chunk, tokens.count - 1 - read)
      try decoder.read(tokens: tokens[read..<read + count])
      read += count
    }
    decoder.admit(to: 0)
    decoder.setToken(tokens[tokens.count - 1], row: 0)
    return Array(try decoder.step(rows: 1))
  }

  @Test func aPromptReadInPiecesGivesTheSameBits() throws {
    let tokens = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9]
    let whole = try logits(tokens, chunk: 64)
    for chunk in [1, 2, 3, 8] { #expect(try logits(tokens, chunk: chunk) == whole) }
    #expect(try logits([1, 3] + tokens.dropFirst(2), chunk: 64) == whole, "the sum is the same")
    #expect(try logits(tokens.dropLast() + [8], chunk: 64) != whole)
  }

  @Test func stepsGoOnWhereThePromptEnded() throws {
    let decoder = try TinyDecoder.decoder()
    try decoder.begin([:])
    decoder.admit(to: 0)
    for token in [3, 1, 4, 1] {
      decoder.setToken(token, row: 0)
      _ = try decoder.step(rows: 1)
    }
    decoder.setToken(5, row: 0)
    #expect(Array(try decoder.step(rows: 1)) == (try logits([3, 1, 4, 1, 5], chunk: 64)))
  }

  @Test func chunksArePowersOfTwo() throws {
    let decoder = try TinyDecoder.decoder()
    #expect(
      [1, 2, 3, 7, 8, 64, 65, 1000].map { decoder.chunk(of: $0) } == [1, 2, 2, 4, 8, 64, 64, 64]
    )
  }

  /// Rows with different pasts.
  private func filled(_ decoder: Decoder, rows: Int) throws {
    for row in 0..<rows {
      try decoder.begin([:])
      try decoder.read(tokens: [row % 11, (row * 7) % 11])
      decoder.admit(to: row)
      decoder.setToken((row * 3) % 11, row: row)
    }
  }

  private func rows(_ scores: UnsafeBufferPointer<Float>) -> [[Float]] {
    let size = TinyDecoder.vocabularySize
    return (0..<scores.count / size).map { Array(scores[$0 * size..<($0 + 1) * size]) }
  }

  @Test func aRowHasTheSameBitsInEveryBatch() throws {
    let decoder = try TinyDecoder.decoder()
    try filled(decoder, rows: 32)
    let together = rows(try decoder.step(rows: 32))
    for count in [1, 2, 5, 16, 31] {
      let fewer = try TinyDecoder.decoder()
      try filled(fewer, rows: count)
      #expect(rows(try fewer.step(rows: count)) == Array(together.prefix(count)))
    }
  }

  @Test func aMovedRowTakesEverythingWithIt() throws {
    let first = try TinyDecoder.decoder()
    try filled(first, rows: 5)
    _ = try first.step(rows: 5)
    let second = try TinyDecoder.decoder()
    try filled(second, rows: 5)
    _ = try second.step(rows: 5)
    let expected = rows(try first.step(rows: 5))
    second.move(row: 4, to: 1)
    let moved = rows(try second.step(rows: 4))
    #expect(moved == [expected[0], expected[4], expected[2], expected[3]])
  }

  @Test func gatheredStatesMayChangePlaces() throws {
    let first = try TinyDecoder.decoder()
    try filled(first, rows: 4)
    for row in 0..<4 { first.setToken(2, row: row) }
    let second = try TinyDecoder.decoder()
    try filled(second, rows: 4)
    for row in 0..<4 { second.setToken(2, row: row) }
    second.gatherStates([(0, 1), (1, 0), (3, 1)])
    let expected = rows(try first.step(rows: 4))
    #expect(
      rows(try second.step(rows: 4)) == [expected[1], expected[0], expected[2], expected[1]]
    )
  }

  // MARK: - What is no decoder

  @Test func wrongNamesAndTypesAreErrors() throws {
    func message(_ change: (inout DecoderFormat) -> Void) throws -> String {
      var format = TinyDecoder.format
      change(&format)
      let session = try Session(TinyDecoder.graph())
      let error = #expect(throws: DecodingError.self) { try Decoder(session, format) }
      return error?.description ?? ""
    }
    #expect(try message { $0.input = "no" }.contains("no input 'no'"))
    #expect(try message { $0.input = "sum" }.contains("input 'sum' is"))
    #expect(try message { $0.output = "no" }.contains("no output 'no'"))
    #expect(try message { $0.states[0].output = "no" }.contains("no output 'no'"))
    #expect(try message { $0.states.removeLast() }.contains("nothing feeds input 'last'"))
    #expect(try message { $0.contexts = ["last"] }.contains("named twice"))
    #expect(try message { $0.kind = .values }.contains("input 'tokens' is"))
    #expect(try message { $0.states[0].output = "logits" }.contains("its output has shape"))
  }

  @Test func rowsOfUnknownSizeNeedTheEncodersSizes() throws {
    var graph = Graph()
    let tokens = try graph.placeholder("tokens", .int64, ["N", "T"])
    let memory = try graph.placeholder("memory", .float32, ["N", "S"])
    let table = try graph.constant(.random([4, 4], seed: 1, in: 0...1))
    let axes = try graph.constant(Tensor(vector: [1] as [Int64]))
    let mean = try graph.apply1("ReduceSum", [memory, axes], ["keepdims": .int(1)])
    let wide = try graph.apply1("Unsqueeze", [mean, axes])
    graph.outputs = [
      try graph.apply1("Add", [graph.apply1("Gather", [table, tokens]), wide], name: "logits")
    ]
    let format = DecoderFormat(input: "tokens", output: "logits", contexts: ["memory"])
    let session = try Session(graph)
    let error = #expect(throws: DecodingError.self) { try Decoder(session, format) }
    #expect(error?.description.contains("a row's sizes must be known") == true)
    let decoder = try Decoder(session, format, rowShapes: ["memory": [3]])
    #expect(throws: DecodingError.self) { try decoder.begin([:]) }
    #expect(throws: DecodingError.self) {
      try decoder.begin(["memory": Tensor(zeros: .float32, [1, 4])])
    }
    try decoder.begin(["memory": Tensor([1, 2, 3] as [Float], [1, 3])])
    decoder.admit(to: 0)
    decoder.setToken(0, row: 0)
    let row = Tensor.random([4, 4], seed: 1, in: 0...1).elements(of: Float.self).prefix(4)
    #expect(Array(try decoder.step(rows: 1)) == row.map { $0 + 6 })
  }
}
