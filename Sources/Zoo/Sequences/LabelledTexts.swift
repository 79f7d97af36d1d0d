package import Datasets
import Tensors
package import Training

/// Texts with one label each, as the numbers that a `TextLabeller` learns from.
package struct LabelledTexts: Sendable {
  package var tokens: [[Int32]]
  /// 0 up.
  package var labels: [Int64]

  /// Encodes texts; what is longer than `lengthMax` tokens is cut.
  ///
  /// A text without tokens becomes the unknown one.
  package init(_ texts: [String], labels: [Int64], _ vocabulary: Vocabulary, lengthMax: Int) {
    tokens = texts.map { text in
      let ids = vocabulary.encode(text).ids.prefix(lengthMax).map { Int32($0) }
      return ids.isEmpty ? [Int32(Vocabulary.unknown)] : ids
    }
    self.labels = labels
  }

  /// Batches with the columns tokens, lengths, labels.
  ///
  /// - Throws: As `SequenceBatches`.
  package func batches(size: Int, seed: UInt64?) throws(TrainingError) -> SequenceBatches {
    try SequenceBatches(
      fields: [.init(tokens, padding: .multiple(of: 8))],
      columns: [.tokens(field: 0), .lengths(field: 0), .rows(Tensor(labels, [labels.count]))],
      batchSize: size,
      seed: seed
    )
  }
}

/// Texts with a label for each word, which belongs to the word's first token.
package struct LabelledWords: Sendable {
  package var pieces: [WordPieces]
  /// 0 up, one for each word.
  package var labels: [[Int]]
  /// Labels of the network's second output.
  package var auxiliaryLabels: [[Int]]

  package init(_ pieces: [WordPieces], labels: [[Int]], auxiliaryLabels: [[Int]]) {
    self.pieces = pieces
    self.labels = labels
    self.auxiliaryLabels = auxiliaryLabels
  }

  /// Batches with the columns tokens, lengths, labels, auxiliary labels; the mean loss is over the words.
  ///
  /// - Throws: As `SequenceBatches`; a text needs a word.
  package func batches(size: Int, seed: UInt64?) throws(TrainingError) -> SequenceBatches {
    let step = PaddedLength.multiple(of: 8)
    let wordMax = pieces.map(\.words.count).max() ?? 0
    return try SequenceBatches(
      fields: [
        .init(pieces.map { $0.ids.map { Int32($0) } }, padding: step),
        .init(zip(pieces, labels).map(Self.spread), padding: step),
        .init(zip(pieces, auxiliaryLabels).map(Self.spread), padding: step),
        // No column shows it: it counts the words.
        .init(labels.map { $0.map { Int32($0) } }, padding: .fixed(wordMax)),
      ],
      columns: [.tokens(field: 0), .lengths(field: 0), .tokens(field: 1), .tokens(field: 2)],
      weightField: 3,
      batchSize: size,
      seed: seed
    )
  }

  /// Labels by token: 0 for none, k + 1 for label k.
  private static func spread(_ pieces: WordPieces, _ labels: [Int]) -> [Int32] {
    var spread = [Int32](repeating: 0, count: pieces.ids.count)
    for (start, label) in zip(pieces.starts, labels) { spread[start] = Int32(label) + 1 }
    return spread
  }
}
