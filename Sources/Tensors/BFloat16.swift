/// Brain floating point: the upper half of a `Float` (8 exponent bits, 7 fraction bits).
package struct BFloat16: Sendable, Hashable, BitwiseCopyable {
  package var bitPattern: UInt16

  package init(bitPattern: UInt16) { self.bitPattern = bitPattern }

  /// Rounds to nearest, ties to even; NaN stays NaN.
  package init(_ value: Float) {
    let bits = value.bitPattern
    if value.isNaN {
      bitPattern = UInt16(truncatingIfNeeded: bits >> 16) | 0x40
    } else {
      let rounding = 0x7FFF + ((bits >> 16) & 1)
      bitPattern = UInt16(truncatingIfNeeded: (bits &+ rounding) >> 16)
    }
  }

  /// The exact value.
  package var float: Float { Float(bitPattern: UInt32(bitPattern) << 16) }
}
