import Glibc

/// Corpus BLEU (Papineni, Roukos, Ward, Zhu: BLEU, a method for automatic evaluation of machine translation, ACL 2002).
///
/// BLEU-n = BP exp(mean over k in 1...n of log p_k), without smoothing. p_k is the share of the candidates' k-grams that a reference of
/// theirs has, each counted at most as often as in the reference that has it most. BP is 1 where the candidates are longer than the
/// references together, else exp(1 - r / c); r sums for each candidate the length of the reference closest to its own, the shorter
/// one on a tie. Values are 0...1.
package struct BLEU: Sendable, Equatable {
  /// The longest n-grams that count.
  package static let orderMax = 4

  /// n-grams of the candidates that references have, for n in 1...4.
  private(set) var matches = [Int](repeating: 0, count: orderMax)
  /// n-grams of the candidates.
  private(set) var totals = [Int](repeating: 0, count: orderMax)
  private(set) var candidateLength = 0
  private(set) var referenceLength = 0

  package init() {}

  /// Counts one sentence as tokens, with the sentences that it might be.
  ///
  /// A sentence without references counts as one with an empty reference.
  package mutating func add<Token: Hashable>(candidate: [Token], references: [[Token]]) {
    candidateLength += candidate.count
    let closest = references.map(\.count).min { left, right in
      let (a, b) = (abs(left - candidate.count), abs(right - candidate.count))
      return a == b ? left < right : a < b
    }
    referenceLength += closest ?? 0
    for order in 1...Self.orderMax {
      let counts = Self.counts(candidate, order)
      var allowed: [ArraySlice<Token>: Int] = [:]
      for reference in references {
        allowed.merge(Self.counts(reference, order)) { max($0, $1) }
      }
      totals[order - 1] += max(candidate.count - order + 1, 0)
      matches[order - 1] += counts.reduce(0) { $0 + min($1.value, allowed[$1.key] ?? 0) }
    }
  }

  /// BLEU-n; 0 where no n-gram of some length matches.
  ///
  /// - Precondition: `order` is in 1...4.
  package func score(order: Int = orderMax) -> Double {
    precondition((1...Self.orderMax).contains(order), "BLEU-\(order)")
    guard matches[..<order].allSatisfy({ $0 > 0 }) else { return 0 }
    let logs = (0..<order).reduce(0.0) { $0 + log(Double(matches[$1]) / Double(totals[$1])) }
    return brevityPenalty * exp(logs / Double(order))
  }

  /// BP.
  package var brevityPenalty: Double {
    guard candidateLength <= referenceLength else { return 1 }
    guard candidateLength > 0 else { return 0 }
    return exp(1 - Double(referenceLength) / Double(candidateLength))
  }

  private static func counts<Token: Hashable>(
    _ tokens: [Token],
    _ order: Int
  ) -> [ArraySlice<Token>: Int] {
    guard tokens.count >= order else { return [:] }
    var counts: [ArraySlice<Token>: Int] = [:]
    for start in 0...tokens.count - order {
      counts[tokens[start..<start + order], default: 0] += 1
    }
    return counts
  }
}
