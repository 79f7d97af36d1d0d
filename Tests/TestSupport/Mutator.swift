import Tensors

/// Damages valid files in the ways that find mistakes in parsers: the same files for the same seed.
package struct Mutator {
  private var random: Philox

  package init(seed: UInt64) { random = Philox(seed: seed) }

  /// A copy of `sample` with one to four changes: bits flipped, extreme values, bytes cut, repeated, inserted or swapped.
  package mutating func mutate(_ sample: [UInt8]) -> [UInt8] {
    var bytes = sample
    for _ in 0...random.below(4) where !bytes.isEmpty {
      let position = random.below(bytes.count)
      let count = min(1 + random.below(8), bytes.count - position)
      switch random.below(8) {
      case 0: bytes[position] ^= 1 << UInt8(random.below(8))
      case 1: bytes[position] = UInt8(random.below(256))
      case 2: bytes[position] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF][random.below(6)]
      case 3: for index in position..<position + count { bytes[index] = 0xFF }
      case 4: bytes.removeSubrange(position..<position + count)
      case 5: bytes.insert(contentsOf: bytes[position..<position + count], at: position)
      case 6: bytes.removeLast(bytes.count - position)
      default: bytes.swapAt(position, random.below(bytes.count))
      }
    }
    return bytes
  }
}
