/// NumPy's default generator, PCG64: what `np.random.default_rng(seed)` draws, bit for bit.
///
/// PCG XSL RR 128/64 (M. E. O'Neill, PCG: A family of simple fast space-efficient statistically good algorithms for random number
/// generation, 2014), seeded through `SeedSequence`. Environments draw from it so that a seed gives Gymnasium's own episode.
package struct PCG64: RandomNumberGenerator, Sendable {
  private var state: UInt128
  /// Odd; chooses one of the 2^127 sequences.
  private let increment: UInt128

  private static let multiplier: UInt128 = 0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645

  /// The generator of `np.random.default_rng(seed)`.
  package init(seed: UInt64) {
    let words = SeedSequence(seed: seed).words(4)
    let start = UInt128(words[0]) << 64 | UInt128(words[1])
    let sequence = UInt128(words[2]) << 64 | UInt128(words[3])
    increment = sequence << 1 | 1
    state = 0
    advance()
    state &+= start
    advance()
  }

  private mutating func advance() {
    state = state &* Self.multiplier &+ increment
  }

  package mutating func next() -> UInt64 {
    advance()
    let folded = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
    let rotation = UInt64(truncatingIfNeeded: state >> 122)
    return folded >> rotation | folded << ((64 &- rotation) & 63)
  }

  /// Uniform in [0, 1) with 53 random bits: `Generator.random()`.
  package mutating func random() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// low + (high - low) u for u uniform in [0, 1): `Generator.uniform(low, high)`.
  package mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * random()
  }
}
