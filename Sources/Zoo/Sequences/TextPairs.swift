package import Datasets
package import ONNXFormat
package import Tensors
package import Training

/// Sentence pairs as the numbers that an encoder-decoder learns from.
package struct TextPairs: Sendable {
  /// Source tokens as the encoder reads them.
  package let sources: [[Int32]]
  /// Target tokens without start and end.
  package let targets: [[Int32]]

  /// Encodes pairs and leaves out those longer than the model takes.
  ///
  /// - Parameters:
  ///   - pairs: The sentences.
  ///   - source: Vocabulary of what is read.
  ///   - target: Vocabulary of what is written.
  ///   - format: Its lengths count, and whether sources are reversed.
  package init(
    _ pairs: [SentencePair],
    source: Vocabulary,
    target: Vocabulary,
    format: ModelManifest.SequenceFormat
  ) {
    var sources: [[Int32]] = []
    var targets: [[Int32]] = []
    let sourceLengthMax = format.sourceLengthMax ?? .max
    for pair in pairs {
      let read = source.encode(pair.source).ids.map { Int32($0) }
      let written = target.encode(pair.target).ids.map { Int32($0) }
      guard (1...sourceLengthMax).contains(read.count), written.count < format.lengthMax else {
        continue
      }
      sources.append(format.sourceReversed ? read.reversed() : read)
      targets.append(written)
    }
    self.sources = sources
    self.targets = targets
  }

  /// Number of pairs.
  package var count: Int { sources.count }

  /// Batches with the columns of `EncoderDecoder.trainingGraph`; the loss is the mean over target tokens, the end token among them.
  ///
  /// - Throws: As `SequenceBatches`.
  package func batches(size: Int, seed: UInt64?) throws(TrainingError) -> SequenceBatches {
    let step = PaddedLength.multiple(of: 4)
    return try SequenceBatches(
      fields: [
        .init(sources, padding: step),
        .init(targets.map { [Int32(Vocabulary.start)] + $0 }, padding: step),
        .init(targets.map { $0 + [Int32(Vocabulary.end)] }, padding: step),
      ],
      columns: [
        .tokens(field: 0), .lengths(field: 0), .tokens(field: 1), .tokens(field: 2),
        .weights(field: 2),
      ],
      weightField: 2,
      batchSize: size,
      seed: seed
    )
  }

  /// The encoder's inputs for a source, padded as the service pads it.
  package static func tensors(
    _ source: [Int32],
    format: ModelManifest.SequenceFormat
  ) -> [String: Tensor] {
    let length = format.sourceLengthMax ?? source.count
    let padding = [Int64](repeating: Int64(Vocabulary.padding), count: length - source.count)
    return [
      "source": Tensor(source.map(Int64.init) + padding, [1, length]),
      "source_lengths": Tensor([Int32(source.count)], [1]),
    ]
  }
}
