import Glibc

/// Small measures of sequences and of language models.
package enum SequenceScore {
  /// exp(nats per token): between how many tokens a language model hesitates.
  package static func perplexity(nats: Double) -> Double { exp(nats) }

  /// Share of predictions that equal their target in every token; `nil` for lists of different counts or empty ones.
  package static func exactMatch<Prediction: Equatable>(
    _ predictions: [Prediction],
    _ targets: [Prediction]
  ) -> Double? {
    guard predictions.count == targets.count, !targets.isEmpty else { return nil }
    let hits = zip(predictions, targets).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
    return Double(hits) / Double(targets.count)
  }
}
