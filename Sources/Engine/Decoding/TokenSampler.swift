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

  init(vocabularySize: Int) {
    self.vocabularySize = vocabularySize
    logProbabilities = [Float](repeating: 0, count: vocabularySize)
    probabilities = logProbabilities
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
    normalize(logits)
    let token =
      sampling.temperature == 0 || sampling.topK == 1
      ? best : draw(logits, best, sampling, step)
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
    let share = Self.uniform(seed: sampling.seed, step: step)
    if sampling.topK > 0, sampling.topK < vocabularySize {
      let entries = ranking.best(sampling.topK, of: logits)
      // Few: no kernel is needed, and the sums are those of doubles.
      let weights = entries.map { entry in
        exp((Double(entry.score) - Double(logits[best])) / Double(sampling.temperature))
      }
      let kept = Self.nucleusCount(weights, sampling.topP)
      return entries[Self.position(of: share, in: weights[..<kept])].token
    }
    soften(logits, best, sampling.temperature)
    guard sampling.topP < 1 else {
      return probabilities.withUnsafeBufferPointer { Self.position(of: share, in: $0) }
    }
    // All tokens below the floor together have less than 1 - topP: the nucleus is among the others. Half of it, for rounding.
    let floor = 0.5 * (1 - sampling.topP) / Float(vocabularySize)
    let total = probabilities.reduce(0.0) { $0 + Double($1) }
    var sum = 0.0
    let nucleus = probabilities.withUnsafeBufferPointer { probabilities in
      ranking.best(of: probabilities, floor: floor) { entry in
        sum += Double(entry.score)
        return sum >= Double(sampling.topP) * total
      }
    }
    let weights = nucleus.map { Double($0.score) }
    return nucleus.isEmpty ? best : nucleus[Self.position(of: share, in: weights[...])].token
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

  /// How many of the weights, which fall, are needed to reach a share of their sum: one at least.
  private static func nucleusCount(_ weights: [Double], _ share: Float) -> Int {
    guard share < 1 else { return weights.count }
    let enough = Double(share) * weights.reduce(0, +)
    var sum = 0.0
    for (index, weight) in weights.enumerated() {
      sum += weight
      if sum >= enough { return index + 1 }
    }
    return weights.count
  }

  /// The position at which the running sum of the weights passes `share` of their total.
  private static func position(
    of share: Double,
    in weights: some Collection<some BinaryFloatingPoint>
  ) -> Int {
    var total = 0.0
    for weight in weights { total += Double(weight) }
    let target = share * total
    var sum = 0.0
    var last = 0
    for (index, weight) in weights.enumerated() where weight > 0 {
      sum += Double(weight)
      last = index
      if sum > target { return index }
    }
    // Rounding only: the sum above was made in the same order.
    return last
  }
}
