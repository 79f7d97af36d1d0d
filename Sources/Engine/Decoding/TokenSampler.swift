import CKernels
import Glibc
import Tensors

/// Draws tokens from rows of logits.
struct TokenSampler {
  /// The stream of random numbers that sampling uses, beside those of dropout and the like.
  private static let randomStream: UInt64 = 0x5A3B_1E00

  private let vocabularySize: Int
  private var ranking = TokenRanking()
  private var logProbabilities: [Float]
  private var probabilities: [Float]
  /// Of each token, the probability of those up to it that are kept.
  private var runningSums: [Double]
  private var sums = [Double](repeating: 0, count: TokenCut.scratchCount)

  init(vocabularySize: Int) {
    self.vocabularySize = vocabularySize
    logProbabilities = [Float](repeating: 0, count: vocabularySize)
    probabilities = logProbabilities
    runningSums = [Double](repeating: 0, count: vocabularySize)
  }

  /// A token and what the model gave for it.
  struct Choice: Equatable {
    let token: Int
    /// Natural logarithm of the token's probability under the model: before temperature and truncation.
    let logProbability: Float
  }

  /// The next token.
  ///
  /// - Parameters:
  ///   - logits: One score for each token; a token of minus infinity is never drawn.
  ///   - sampling: Checked before.
  ///   - step: Tokens that the stream has had before.
  /// - Returns: The token, and how likely the model found it.
  /// - Throws: `DecodingError.notFinite` for logits of which none is finite, or one is not a number or plus infinity.
  /// - Precondition: `logits.count` is the vocabulary's size.
  mutating func sample(
    _ logits: UnsafeBufferPointer<Float>,
    _ sampling: Sampling,
    step: Int
  ) throws(DecodingError) -> Choice {
    guard let best = Self.mostLikely(logits) else { throw .notFinite(step: step) }
    if sampling.temperature == 0 || sampling.topK == 1 {
      normalize(logits)
      return Choice(token: best, logProbability: logProbabilities[best])
    }
    let token = draw(logits, best, sampling, step)
    // What was drawn from are the model's own probabilities: no need to compute them twice.
    if sampling.temperature == 1 {
      return Choice(token: token, logProbability: log(probabilities[token]))
    }
    normalize(logits)
    return Choice(token: token, logProbability: logProbabilities[token])
  }

  /// Logarithms of the probabilities of all tokens, in `body`.
  ///
  /// - Throws: As `sample`.
  mutating func withLogProbabilities<Result>(
    _ logits: UnsafeBufferPointer<Float>,
    step: Int,
    _ body: (UnsafeBufferPointer<Float>, inout TokenRanking) -> Result
  ) throws(DecodingError) -> Result {
    guard Self.mostLikely(logits) != nil else { throw .notFinite(step: step) }
    normalize(logits)
    return logProbabilities.withUnsafeBufferPointer { body($0, &ranking) }
  }

  private mutating func normalize(_ logits: UnsafeBufferPointer<Float>) {
    guard let source = logits.baseAddress else { return }
    logProbabilities.withUnsafeMutableBufferPointer { target in
      guard let target = target.baseAddress else { return }
      ck_f32_log_softmax(1, Int64(vocabularySize), source, target, nil)
    }
  }

  /// The first of the highest logits; nil where there is no distribution.
  private static func mostLikely(_ logits: UnsafeBufferPointer<Float>) -> Int? {
    var best = 0
    var highest = -Float.infinity
    var isNumber = true
    for (token, logit) in logits.enumerated() {
      // False for NaN too.
      isNumber = isNumber && logit < .infinity
      if logit > highest {
        highest = logit
        best = token
      }
    }
    return isNumber && highest > -.infinity ? best : nil
  }

  // MARK: - Drawing

  private mutating func draw(
    _ logits: UnsafeBufferPointer<Float>,
    _ best: Int,
    _ sampling: Sampling,
    _ step: Int
  ) -> Int {
    soften(logits, best, sampling.temperature)
    var cut = TokenCut()
    if sampling.topK > 0, sampling.topK < vocabularySize {
      cut.narrow(logits, to: Double(sampling.topK), &sums) { _ in 1 }
    }
    if sampling.topP < 1 {
      let goal = Double(sampling.topP) * addUp(cut, logits)
      cut.narrow(logits, to: goal, &sums) { Double(probabilities[$0]) }
    }
    // The first token with which the sum over those kept, in the order of their numbers, passes a random share of it.
    let total = addUp(cut, logits)
    let target = Self.uniform(seed: sampling.seed, step: step) * total
    return firstToken { $0 > target } ?? firstToken { $0 == total } ?? best
  }

  /// Fills `runningSums`, and gives the last of them.
  private mutating func addUp(_ cut: TokenCut, _ logits: UnsafeBufferPointer<Float>) -> Double {
    probabilities.withUnsafeBufferPointer { probabilities in
      runningSums.withUnsafeMutableBufferPointer { target in
        var sum = 0.0
        for (token, probability) in probabilities.enumerated() {
          if cut.keepsAll || cut.keeps(token, logits[token]) { sum += Double(probability) }
          target[token] = sum
        }
        return sum
      }
    }
  }

  /// The first token whose running sum is far enough; nil for none.
  ///
  /// Once one is, all behind it are.
  private func firstToken(_ isFar: (Double) -> Bool) -> Int? {
    var (low, high) = (0, runningSums.count)
    while low < high {
      let middle = (low + high) / 2
      if isFar(runningSums[middle]) { high = middle } else { low = middle + 1 }
    }
    return low < runningSums.count ? low : nil
  }

  /// Probabilities at a temperature.
  private mutating func soften(
    _ logits: UnsafeBufferPointer<Float>,
    _ best: Int,
    _ temperature: Float
  ) {
    probabilities.withUnsafeMutableBufferPointer { target in
      let highest = logits[best]
      for token in target.indices { target[token] = (logits[token] - highest) / temperature }
      guard let target = target.baseAddress else { return }
      ck_f32_softmax(1, Int64(vocabularySize), target, target, nil)
    }
  }

  /// A number in [0, 1) with 53 random bits, a function of seed and step.
  static func uniform(seed: UInt64, step: Int) -> Double {
    let words = Philox.block(
      seed: seed,
      stream: randomStream,
      index: UInt64(truncatingIfNeeded: step)
    )
    let bits = UInt64(words.0) | UInt64(words.1) << 32
    return Double(bits >> 11) * 0x1p-53
  }
}
