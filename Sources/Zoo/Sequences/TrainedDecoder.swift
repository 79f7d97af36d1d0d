import Engine
package import GraphIR
package import ONNXFormat
package import Tensors

/// A trained model that writes or forecasts, run as the service runs it: to measure what it answers.
package struct TrainedDecoder {
  private let loop: DecodingLoop
  private let format: ModelManifest.SequenceFormat

  /// Rows that step together.
  private static let rowCount = 64

  /// - Parameters:
  ///   - main: The decoder.
  ///   - encoder: What fills its contexts and first states; `nil` for a language model.
  ///   - format: As in model.json.
  ///   - threads: For each of both.
  /// - Throws: `DecodingError.notADecoder` where the graphs do not fit the format; what the engine throws.
  package init(
    main: Graph,
    encoder: Graph?,
    format: ModelManifest.SequenceFormat,
    threads: Int
  ) throws {
    self.format = format
    var limits = DecodingLimits()
    limits.rows = Self.rowCount
    let options = SessionOptions(threads: threads)
    var rowShapes: [String: [Int]] = [:]
    if let encoder, let steps = format.sourceLengthMax {
      // What the encoder leaves open is the source's length, and sources are padded to the longest.
      for output in encoder.outputs {
        rowShapes[encoder[output].name] = encoder[output].type.shape.dimensions?.dropFirst().map {
          $0.size ?? steps
        }
      }
    }
    let decoder = try Decoder(
      Session(main, options: options),
      DecoderFormat(
        kind: format.values == nil ? .tokens : .values,
        input: format.values ?? format.tokens ?? "tokens",
        output: format.values == nil ? "logits" : "forecast",
        states: format.state.map { ($0.input, $0.output) },
        contexts: format.context
      ),
      rowShapes: rowShapes,
      limits: limits
    )
    loop = DecodingLoop(
      decoder,
      encoder: try encoder.map { SourceEncoder(try Session($0, options: options)) },
      limits: limits
    )
  }

  /// The most likely answer to each source as beam search finds it, or the greedy one with a width of 1.
  ///
  /// A source gives each input of the encoder a tensor of one row.
  package func answers(
    to sources: [[String: Tensor]],
    beamWidth: Int = 1
  ) throws -> [[Int]] {
    let start = format.start.map { [$0] } ?? []
    let strategy: DecodingRequest.Strategy =
      beamWidth > 1
      ? .beam(BeamSearch(width: beamWidth)) : .sampling(Sampling(temperature: 0))
    let requests = sources.map {
      DecodingRequest(
        .tokens(start),
        source: $0,
        strategy: strategy,
        lengthMax: format.lengthMax,
        endTokens: format.end.map { [$0] } ?? []
      )
    }
    return try loop.run(requests).map(\.answer.tokens)
  }

  /// The next `steps` numbers of each series, as the decoder reads and gives them.
  package func forecasts(of series: [[Float]], steps: Int) throws -> [[Float]] {
    try loop.run(series.map { DecodingRequest(.values($0), lengthMax: steps) })
      .map(\.answer.values)
  }
}
