/// Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers, as easy as 1, 2, 3; SC 2011).
///
/// Word `i` of stream `(seed, stream)` is a pure function of the three numbers, so any element can be made on any thread, and a
/// resumed run continues exactly. `CKernels` makes the same words in bulk.
package struct Philox: RandomNumberGenerator, Sendable {
  package let seed: UInt64
  package let stream: UInt64
  /// The number of 32-bit words already drawn.
  package private(set) var position: UInt64

  private var block: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
  private var blockIndex: UInt64?

  package init(seed: UInt64, stream: UInt64 = 0, position: UInt64 = 0) {
    self.seed = seed
    self.stream = stream
    self.position = position
  }

  /// The next 32-bit word.
  package mutating func nextWord() -> UInt32 {
    let index = position >> 2
    if blockIndex != index {
      block = Philox.block(seed: seed, stream: stream, index: index)
      blockIndex = index
    }
    let lane = position & 3
    position &+= 1
    switch lane {
    case 0: return block.0
    case 1: return block.1
    case 2: return block.2
    default: return block.3
    }
  }

  package mutating func next() -> UInt64 {
    let low = UInt64(nextWord())
    return low | UInt64(nextWord()) << 32
  }

  /// Uniform in [0, 1) with 24 random bits.
  package mutating func uniform() -> Float { Float(nextWord() >> 8) * 0x1p-24 }

  /// A whole number in `0..<bound` without bias.
  ///
  /// - Precondition: `bound > 0`.
  package mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

  /// `0..<count` in random order (Fisher-Yates).
  package mutating func permutation(_ count: Int) -> [Int] {
    var result = Array(0..<count)
    for index in stride(from: count - 1, to: 0, by: -1) {
      result.swapAt(index, below(index + 1))
    }
    return result
  }

  /// Four words: ten rounds over the 128-bit counter `(index, stream)` with the 64-bit key `seed`.
  package static func block(
    seed: UInt64,
    stream: UInt64,
    index: UInt64
  ) -> (UInt32, UInt32, UInt32, UInt32) {
    var c0 = UInt32(truncatingIfNeeded: index)
    var c1 = UInt32(truncatingIfNeeded: index >> 32)
    var c2 = UInt32(truncatingIfNeeded: stream)
    var c3 = UInt32(truncatingIfNeeded: stream >> 32)
    var k0 = UInt32(truncatingIfNeeded: seed)
    var k1 = UInt32(truncatingIfNeeded: seed >> 32)
    for _ in 0..<10 {
      let p0 = UInt64(0xD251_1F53) * UInt64(c0)
      let p1 = UInt64(0xCD9E_8D57) * UInt64(c2)
      let n0 = UInt32(truncatingIfNeeded: p1 >> 32) ^ c1 ^ k0
      let n2 = UInt32(truncatingIfNeeded: p0 >> 32) ^ c3 ^ k1
      c0 = n0
      c1 = UInt32(truncatingIfNeeded: p1)
      c2 = n2
      c3 = UInt32(truncatingIfNeeded: p0)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return (c0, c1, c2, c3)
  }
}
