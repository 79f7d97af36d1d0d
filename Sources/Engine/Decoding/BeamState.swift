import Glibc

/// One beam search under way: which hypotheses live, and which are complete.
struct BeamState {
  /// A beginning of an answer.
  struct Hypothesis {
    var tokens: [Int]
    /// Of each token, and of the end token where there is one.
    var logProbabilities: [Float]
    var logProbability: Double
    /// Set where an end token completed it.
    var isComplete = false

    /// Tokens that the model gave, the end token included.
    var length: Int { logProbabilities.count }
  }

  /// A way to go on: which hypothesis, with which token.
  private struct Extension {
    let parent: Int
    let token: Int
    let logProbability: Float
    let total: Double

    func isBetter(than other: Extension) -> Bool {
      if total != other.total { return total > other.total }
      return parent != other.parent ? parent < other.parent : token < other.token
    }
  }

  let search: BeamSearch
  private let endTokens: Set<Int>
  private let lengthMax: Int
  private(set) var live = [Hypothesis(tokens: [], logProbabilities: [], logProbability: 0)]
  private(set) var complete: [Hypothesis] = []

  /// - Parameters:
  ///   - search: Checked before.
  ///   - endTokens: That complete a hypothesis.
  ///   - lengthMax: Tokens of the longest one, without its end token.
  init(_ search: BeamSearch, endTokens: [Int], lengthMax: Int) {
    self.search = search
    self.endTokens = Set(endTokens)
    self.lengthMax = lengthMax
  }

  /// Goes on by one token.
  ///
  /// - Parameters:
  ///   - sampler: Of the decoder's vocabulary.
  ///   - logits: Gives the logits of the hypothesis of that position in `live`.
  /// - Returns: For each hypothesis in `live` now, the position of the one that it continues; nil where the search is over.
  /// - Throws: `DecodingError.notFinite`.
  mutating func advance(
    _ sampler: inout TokenSampler,
    logits: (Int) -> UnsafeBufferPointer<Float>
  ) throws(DecodingError) -> [Int]? {
    // So many of one hypothesis that `width` are left when all end tokens are among them.
    let count = search.width + endTokens.count
    var extensions: [Extension] = []
    for (parent, hypothesis) in live.enumerated() {
      extensions += try sampler.withLogProbabilities(logits(parent), step: hypothesis.length) {
        scores,
        ranking in
        ranking.best(count, of: scores).lazy.filter { $0.score > -.infinity }.map { entry in
          Extension(
            parent: parent,
            token: entry.token,
            logProbability: entry.score,
            total: hypothesis.logProbability + Double(entry.score)
          )
        }
      }
    }
    extensions.sort { $0.isBetter(than: $1) }

    var parents: [Int] = []
    var next: [Hypothesis] = []
    for candidate in extensions where next.count < search.width {
      var hypothesis = live[candidate.parent]
      hypothesis.logProbabilities.append(candidate.logProbability)
      hypothesis.logProbability = candidate.total
      if endTokens.contains(candidate.token) {
        hypothesis.isComplete = true
        complete.append(hypothesis)
      } else {
        hypothesis.tokens.append(candidate.token)
        next.append(hypothesis)
        parents.append(candidate.parent)
      }
    }
    live = next
    keepBest()
    return isOver ? nil : parents
  }

  private var isOver: Bool {
    guard let first = live.first, first.tokens.count < lengthMax else { return true }
    guard complete.count >= search.width, let worst = complete.last else { return false }
    // All live ones are equally long, and the first is the most likely.
    return score(worst) >= score(first)
  }

  /// The best hypotheses, best first, `bestCount` at most.
  var results: [Hypothesis] {
    let all = complete + live.filter { $0.tokens.count >= lengthMax }
    return Array(ranked(all.isEmpty ? live : all).prefix(search.bestCount))
  }

  /// What hypotheses are ordered by.
  func score(_ hypothesis: Hypothesis) -> Double {
    hypothesis.logProbability / pow(Double(max(1, hypothesis.length)), Double(search.lengthPenalty))
  }

  private mutating func keepBest() {
    complete = Array(ranked(complete).prefix(search.width))
  }

  private func ranked(_ hypotheses: [Hypothesis]) -> [Hypothesis] {
    hypotheses.sorted { first, second in
      let (a, b) = (score(first), score(second))
      return a != b ? a > b : first.tokens.lexicographicallyPrecedes(second.tokens)
    }
  }
}
