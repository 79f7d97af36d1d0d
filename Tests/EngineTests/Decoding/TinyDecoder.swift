import GraphIR
import Synchronization
import Tensors
import TestSupport

@testable import Engine

/// Small decoders whose next token depends on every token before and on their order.
///
/// The first state is the sum of whole numbers, one for each token, so that no order of adding changes a bit; the second one is what the
/// last token says. Good for one step of any number of rows, and for reading prompts in pieces of any length.
enum TinyDecoder {
  static let vocabularySize = 11
  private static let width = 6

  static let format = DecoderFormat(
    input: "tokens",
    output: "logits",
    states: [("sum", "new_sum"), ("last", "new_last")]
  )

  static func graph(hasContext: Bool = false) throws -> Graph {
    var graph = Graph(name: "tiny")
    let tokens = try graph.placeholder("tokens", .int64, ["N", "T"])
    let sum = try graph.placeholder("sum", .float32, ["N", .known(width)])
    let last = try graph.placeholder("last", .float32, ["N", .known(width)])
    let whole = Tensor.random([vocabularySize, width], seed: 1, in: -4...4)
      .elements(of: Float.self).map { $0.rounded() }
    let counts = try graph.constant(Tensor(whole, [vocabularySize, width]))
    let axes = try graph.constant(Tensor(vector: [1] as [Int64]))
    let added = try graph.apply1(
      "ReduceSum",
      [graph.apply1("Gather", [counts, tokens]), axes],
      ["keepdims": .int(0)]
    )
    let newSum = try graph.apply1("Add", [sum, added], name: "new_sum")
    let table = try graph.constant(.random([vocabularySize, width], seed: 2, in: -1...1))
    let end = try graph.apply1(
      "Gather",
      [tokens, graph.constant(Tensor(scalar: -1 as Int64))],
      ["axis": .int(1)]
    )
    let newLast = try graph.apply1("Gather", [table, end], name: "new_last")
    let scale = try graph.constant(Tensor(scalar: 0.37 as Float))
    let past = try graph.apply1("Sin", [graph.apply1("Mul", [newSum, scale])])
    let pair = try graph.apply1("Concat", [past, newLast, last], ["axis": .int(1)])
    let weights = try graph.constant(
      .random([3 * width, vocabularySize], seed: 3, in: -1.5...1.5)
    )
    var scores = try graph.apply1("MatMul", [pair, weights])
    if hasContext {
      let context = try graph.placeholder("memory", .float32, ["N", .known(vocabularySize)])
      scores = try graph.apply1("Add", [scores, context])
    }
    let logits = try graph.apply1("Unsqueeze", [scores, axes], name: "logits")
    graph.outputs = [logits, newSum, newLast]
    return graph
  }

  static func decoder(
    _ limits: DecodingLimits = DecodingLimits(),
    hasContext: Bool = false
  ) throws -> Decoder {
    var format = format
    if hasContext { format.contexts = ["memory"] }
    return try Decoder(Session(graph(hasContext: hasContext)), format, limits: limits)
  }

  /// Reads an int64 source [1,3] and gives a memory and the decoder's first state `sum`.
  static func encoder() throws -> SourceEncoder {
    var graph = Graph(name: "encoder")
    let source = try graph.placeholder("source", .int64, ["N", 3])
    let axes = try graph.constant(Tensor(vector: [1] as [Int64]))
    func row(_ columns: Int, _ seed: UInt64, _ name: String) throws -> ValueID {
      let table = try graph.constant(
        Tensor(
          Tensor.random([5, columns], seed: seed, in: -3...3).elements(of: Float.self).map {
            $0.rounded()
          },
          [5, columns]
        )
      )
      return try graph.apply1(
        "ReduceSum",
        [graph.apply1("Gather", [table, source]), axes],
        ["keepdims": .int(0)],
        name: name
      )
    }
    graph.outputs = [try row(vocabularySize, 7, "memory"), try row(width, 8, "sum")]
    return try SourceEncoder(Session(graph))
  }

  static func loop(_ limits: DecodingLimits = DecodingLimits()) throws -> DecodingLoop {
    DecodingLoop(try decoder(limits), limits: limits)
  }

  /// A decoder of numbers: the next one is a mean of what came and the last one, in whole numbers.
  static func forecaster() throws -> DecodingLoop {
    var graph = Graph(name: "forecaster")
    let values = try graph.placeholder("values", .float32, ["N", "T", 1])
    let state = try graph.placeholder("state", .float32, ["N", 1])
    let axes = try graph.constant(Tensor(vector: [1] as [Int64]))
    let added = try graph.apply1("ReduceSum", [values, axes], ["keepdims": .int(0)])
    let total = try graph.apply1("Add", [state, added], name: "total")
    let next = try graph.apply1("Unsqueeze", [total, axes], name: "next")
    graph.outputs = [next, total]
    let format = DecoderFormat(
      kind: .values,
      input: "values",
      output: "next",
      states: [("state", "total")]
    )
    return DecodingLoop(try Decoder(Session(graph), format))
  }
}

/// Keeps everything that a stream says.
final class RecordingObserver: DecodingObserver {
  struct Record: Sendable {
    var tokens: [DecodedToken] = []
    var result: DecodingResult?
    var error: String?
    var isCancelled = false
    /// Tokens after which the stream is ended; nil for never.
    var tokensMax: Int?
    var endCount = 0
  }

  let record = Mutex(Record())

  init(tokensMax: Int? = nil) { record.withLock { $0.tokensMax = tokensMax } }

  var isCancelled: Bool { record.withLock { $0.isCancelled } }
  func cancel() { record.withLock { $0.isCancelled = true } }
  var tokens: [Int] { record.withLock { $0.tokens.map(\.token) } }
  var result: DecodingResult? { record.withLock { $0.result } }
  var error: String? { record.withLock { $0.error } }
  var endCount: Int { record.withLock { $0.endCount } }

  func produced(_ token: DecodedToken) -> Bool {
    record.withLock { record in
      record.tokens.append(token)
      return record.tokensMax.map { record.tokens.count < $0 } ?? true
    }
  }

  func finished(_ result: DecodingResult) {
    record.withLock {
      $0.result = result
      $0.endCount += 1
    }
  }

  func failed(_ error: any Error) {
    record.withLock {
      $0.error = "\(error)"
      $0.endCount += 1
    }
  }
}
