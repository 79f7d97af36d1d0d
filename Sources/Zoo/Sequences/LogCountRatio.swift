import Glibc
import Datasets
package import Tensors

/// How much each token speaks for the second of two classes: the log-count ratio of naive Bayes (Wang & Manning: Baselines and bigrams,
/// 2012).
///
/// r(w) = log((p(w) + 1) / sum (p + 1)) - log((n(w) + 1) / sum (n + 1)), where p(w) counts the texts of class 1 that have the token w, and
/// n(w) those of class 0; sums over all tokens. 0 for the special tokens.
package struct LogCountRatio: Sendable, Equatable {
  /// By token.
  package let values: [Float]

  /// Counts texts of the classes 0 and 1.
  package init(_ texts: LabelledTexts, tokenCount: Int) {
    var counts = [[Double]](repeating: [Double](repeating: 1, count: tokenCount), count: 2)
    for (tokens, label) in zip(texts.tokens, texts.labels) {
      for token in Set(tokens) { counts[label == 1 ? 1 : 0][Int(token)] += 1 }
    }
    let sums = counts.map { $0.dropFirst(Vocabulary.specialCount).reduce(0, +) }
    values = (0..<tokenCount).map { token in
      guard token >= Vocabulary.specialCount else { return 0 }
      return Float(log(counts[1][token] / sums[1]) - log(counts[0][token] / sums[0]))
    }
  }

  /// Vectors to start an embedding from, [tokens, size]: the ratio times `scale` in the first `width` numbers, then numbers drawn uniformly
  /// from -0.1 to 0.1.
  package func vectors(size: Int, width: Int, scale: Float, seed: UInt64) -> Tensor {
    var random = Philox(seed: seed, stream: 0x6C6F_6772)
    var numbers: [Float] = []
    numbers.reserveCapacity(values.count * size)
    for ratio in values {
      for index in 0..<size {
        numbers.append(index < width ? ratio * scale : 0.2 * random.uniform() - 0.1)
      }
    }
    return Tensor(numbers, [values.count, size])
  }
}
