/// Which tokens may be drawn: the best by their scores, down to one of them.
///
/// Better is a higher score, and of equal scores the lower token number. Cuts are found by radix selection, three passes over the scores
/// whatever their distribution and however many are kept: no request can make a step slow.
struct TokenCut {
  /// The score's key of the last one kept.
  private var lowest: UInt32 = 0
  /// The highest token that is kept of those with that key.
  private var lastToken = Int.max

  /// All tokens.
  init() {}

  /// Whether every token is kept.
  var keepsAll: Bool { lowest == 0 && lastToken == .max }

  /// Whether a token is kept.
  func keeps(_ token: Int, _ score: Float) -> Bool {
    let key = Self.key(score)
    return key > lowest || key == lowest && token <= lastToken
  }

  /// Keys are ordered as scores are; both zeros have the same one.
  private static func key(_ score: Float) -> UInt32 {
    let bits = (score + 0).bitPattern
    return bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
  }

  /// Numbers of scratch that `narrow` needs.
  static let scratchCount = 1 << 11

  /// Bits of a key that each pass decides, from the highest on.
  private static let passes: [(shift: UInt32, width: UInt32)] = [(21, 11), (10, 11), (0, 10)]

  /// Keeps the best of those kept so far whose weights together reach `goal`, and no more of them than needed; all with a weight where
  /// they do not.
  ///
  /// - Parameters:
  ///   - scores: No NaN among them.
  ///   - goal: Above 0.
  ///   - sums: Scratch of `scratchCount`.
  ///   - weight: Of a token, 0 or more.
  mutating func narrow(
    _ scores: UnsafeBufferPointer<Float>,
    to goal: Double,
    _ sums: inout [Double],
    weight: (Int) -> Double
  ) {
    var prefix: UInt32 = 0
    var mask: UInt32 = 0
    var above = 0.0
    for pass in Self.passes {
      for index in sums.indices { sums[index] = 0 }
      let digit = UInt32(1) << pass.width - 1
      for (token, score) in scores.enumerated() where keeps(token, score) {
        let key = Self.key(score)
        if key & mask == prefix { sums[Int(key >> pass.shift & digit)] += weight(token) }
      }
      var chosen = 0
      var aboveChosen = above
      for bucket in stride(from: Int(digit), through: 0, by: -1) where sums[bucket] > 0 {
        chosen = bucket
        aboveChosen = above
        above += sums[bucket]
        if above >= goal { break }
      }
      above = aboveChosen
      prefix |= UInt32(chosen) << pass.shift
      mask |= digit << pass.shift
    }
    var last = 0
    for (token, score) in scores.enumerated()
    where Self.key(score) == prefix && keeps(token, score) {
      last = token
      above += weight(token)
      if above >= goal { break }
    }
    lowest = prefix
    lastToken = last
  }
}
