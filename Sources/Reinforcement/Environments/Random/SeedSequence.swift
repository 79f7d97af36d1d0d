/// NumPy's `SeedSequence`: spreads a seed over as many well mixed words as a generator's state needs.
///
/// After M. E. O'Neill, Developing a seed_seq alternative (pcg-random.org, 2015), with the constants of numpy/random/bit_generator.pyx.
/// Covers seeds of 64 bits without spawn keys.
package struct SeedSequence: Sendable {
  private var pool: [UInt32]

  private static let poolSize = 4

  /// - Parameter seed: the entropy, as in `np.random.SeedSequence(seed)`.
  package init(seed: UInt64) {
    let entropy = [UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)]
    var hash = HashState(constant: 0x43B0_D7E5, multiplier: 0x931E_8875)
    pool = (0..<Self.poolSize).map { hash.mix($0 < entropy.count ? entropy[$0] : 0) }
    for source in pool.indices {
      for target in pool.indices where target != source {
        let left = 0xCA01_F9DD &* pool[target]
        let difference: UInt32 = left &- 0x4973_F715 &* hash.mix(pool[source])
        pool[target] = difference ^ difference >> 16
      }
    }
  }

  /// The first `count` 64-bit words, as `generate_state(count, numpy.uint64)` gives them.
  package func words(_ count: Int) -> [UInt64] {
    var hash = HashState(constant: 0x8B51_F9DD, multiplier: 0x58F3_8DED)
    return (0..<count).map { index in
      let low = hash.mix(pool[2 * index % Self.poolSize])
      let high = hash.mix(pool[(2 * index + 1) % Self.poolSize])
      return UInt64(low) | UInt64(high) << 32
    }
  }
}

/// A multiplicative hash whose constant moves on with every value.
private struct HashState {
  var constant: UInt32
  let multiplier: UInt32

  mutating func mix(_ value: UInt32) -> UInt32 {
    let mixed = value ^ constant
    constant = constant &* multiplier
    let product = mixed &* constant
    return product ^ product >> 16
  }
}
