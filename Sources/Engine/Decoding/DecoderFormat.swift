import GraphIR
import Tensors

/// Which inputs and outputs of a graph make it a decoder, by name.
///
/// A decoder reads tokens (int64 [N,T]) or values (float32 [N,T,1]), states and contexts (both [N,...]), and gives logits ([N,T,V]) or
/// the next values ([N,T,1]) and the new states ([N,...]).
package struct DecoderFormat: Sendable {
  /// What a decoder reads and writes, step by step.
  package enum Kind: Sendable, Equatable {
    /// Numbers of tokens; the output is a score for every token.
    case tokens
    /// Numbers; the output is the next one.
    case values
  }

  package var kind: Kind
  /// The input of the tokens or values.
  package var input: String
  /// The output of the logits or next values.
  package var output: String
  /// Inputs that read a state, with the outputs that give it to the next step.
  package var states: [(input: String, output: String)]
  /// Inputs that stay the same for all steps of a stream.
  package var contexts: [String]

  package init(
    kind: Kind = .tokens,
    input: String,
    output: String,
    states: [(input: String, output: String)] = [],
    contexts: [String] = []
  ) {
    self.kind = kind
    self.input = input
    self.output = output
    self.states = states
    self.contexts = contexts
  }
}

/// A decoder's names looked up in its graph, and checked.
struct DecoderGraph {
  /// An input with one row for each stream.
  struct RowInput {
    let name: String
    let id: ValueID
    let dtype: DType
    /// Sizes of one row.
    let rowShape: [Int]

    var rowByteCount: Int { rowShape.reduce(dtype.byteCount, *) }
  }

  let kind: DecoderFormat.Kind
  let input: ValueID
  let output: ValueID
  /// State inputs.
  let states: [RowInput]
  /// State outputs, in the same order.
  let newStates: [ValueID]
  let contexts: [RowInput]

  /// Bytes that one row of a state or context may take.
  static let rowByteCountMax = 1 << 26

  /// - Parameters:
  ///   - graph: The decoder.
  ///   - format: What is what in it.
  ///   - rowShapes: Sizes of rows, by input, where the graph leaves them open: those of the encoder's outputs.
  /// - Throws: `DecodingError.notADecoder` naming what is missing or of another type.
  init(
    _ graph: Graph,
    _ format: DecoderFormat,
    rowShapes: [String: [Int]]
  ) throws(DecodingError) {
    func input(_ name: String, _ dtype: DType?) throws(DecodingError) -> ValueID {
      guard let id = graph.inputs.first(where: { graph[$0].name == name }) else {
        throw .notADecoder("the graph has no input '\(name)'")
      }
      guard dtype == nil || graph[id].type.dtype == dtype else {
        throw .notADecoder("input '\(name)' is \(graph[id].type)")
      }
      return id
    }
    func output(_ name: String) throws(DecodingError) -> ValueID {
      guard let id = graph.outputs.first(where: { graph[$0].name == name }) else {
        throw .notADecoder("the graph has no output '\(name)'")
      }
      guard graph[id].type.dtype == .float32 else {
        throw .notADecoder("output '\(name)' is \(graph[id].type), expected float32")
      }
      return id
    }
    func rows(_ name: String, _ dtype: DType?) throws(DecodingError) -> RowInput {
      let id = try input(name, dtype)
      let known = graph[id].type.shape.dimensions?.dropFirst().map(\.size)
      let given = rowShapes[name]
      guard let sizes = known ?? given?.map({ $0 }) else {
        throw .notADecoder("input '\(name)' has no known rank")
      }
      var shape: [Int] = []
      for (position, size) in sizes.enumerated() {
        let override = given.flatMap { $0.count == sizes.count ? $0[position] : nil }
        guard let size = size ?? override else {
          throw .notADecoder("input '\(name)' is \(graph[id].type): a row's sizes must be known")
        }
        shape.append(size)
      }
      let row = RowInput(name: name, id: id, dtype: graph[id].type.dtype, rowShape: shape)
      var byteCount = row.dtype.byteCount
      for size in shape {
        let (product, overflow) = byteCount.multipliedReportingOverflow(by: size)
        guard !overflow, product <= Self.rowByteCountMax else {
          throw .notADecoder(
            "input '\(name)': a row of sizes \(shape) has more than \(Self.rowByteCountMax) bytes"
          )
        }
        byteCount = product
      }
      return row
    }

    kind = format.kind
    self.input = try input(format.input, format.kind == .tokens ? .int64 : .float32)
    self.output = try output(format.output)
    var states: [RowInput] = []
    var newStates: [ValueID] = []
    for state in format.states {
      states.append(try rows(state.input, .float32))
      newStates.append(try output(state.output))
    }
    self.states = states
    self.newStates = newStates
    var contexts: [RowInput] = []
    for name in format.contexts { contexts.append(try rows(name, nil)) }
    self.contexts = contexts

    let named = Set([self.input] + states.map(\.id) + contexts.map(\.id))
    guard named.count == 1 + states.count + contexts.count else {
      throw .notADecoder("an input is named twice")
    }
    if let open = graph.inputs.first(where: { !named.contains($0) }) {
      throw .notADecoder("nothing feeds input '\(graph[open].name)'")
    }
  }
}
