/// Coefficients of 8 x 8 samples, row by row, and the inverse cosine transform.
struct JPEGBlock {
  var coefficients: InlineArray<64, Int16> = .init(repeating: 0)

  /// Takes the coefficients that stand at `start`; answers whether all but the first are 0.
  mutating func load(_ source: [Int16], _ start: Int) -> Bool {
    var rest: Int16 = 0
    for index in 0..<64 {
      let value = source[start + index]
      coefficients[index] = value
      if index > 0 { rest |= value }
    }
    return rest == 0
  }

  /// Writes the 64 samples to `target`: the "accurate integer" transform of libjpeg, after Loeffler, Ligtenberg and Moschytz
  /// ("Practical Fast 1-D DCT Algorithms with 11 Multiplications", ICASSP 1989), bit for bit.
  ///
  /// `steps` are the quantisation steps. With `isFlat` all coefficients but the first are 0. Arithmetic wraps: files with
  /// coefficients out of range give some picture.
  func transform(
    _ steps: [Int32],
    isFlat: Bool,
    to target: inout [UInt8],
    at offset: Int,
    stride: Int
  ) {
    if isFlat {
      let value = (Int32(coefficients[0]) &* steps[0] &+ 4) >> 3
      let sample = UInt8(truncatingIfNeeded: max(0, min(255, value &+ 128)))
      for y in 0..<8 { Self.store(SIMD8(repeating: sample), &target, offset + y * stride) }
      return
    }
    // A line is a row of eight columns: one pass transforms all columns at once. Then lines change places with lanes.
    var lines = Lines<Int32>(repeating: .zero)
    for y in 0..<8 {
      let row = coefficients.span.bytes.unsafeLoadUnaligned(
        fromByteOffset: 16 * y,
        as: SIMD8<Int16>.self
      )
      let step = steps.span.bytes.unsafeLoadUnaligned(
        fromByteOffset: 32 * y,
        as: SIMD8<Int32>.self
      )
      lines[y] = SIMD8<Int32>(truncatingIfNeeded: row) &* step
    }
    Self.pass(&lines, shift: Self.fractionBits - Self.extraBits)
    lines = Self.transposed(lines)
    Self.pass(&lines, shift: Self.fractionBits + Self.extraBits + 3)
    var samples = Lines<UInt8>(repeating: .zero)
    for x in 0..<8 {
      let levels = SIMD8<Int16>(truncatingIfNeeded: lines[x]) &+ 128
      samples[x] = SIMD8<UInt8>(
        truncatingIfNeeded: levels.clamped(lowerBound: .zero, upperBound: SIMD8(repeating: 255))
      )
    }
    samples = Self.transposed(samples)
    for y in 0..<8 { Self.store(samples[y], &target, offset + y * stride) }
  }

  private typealias Lines<Scalar: SIMDScalar> = InlineArray<8, SIMD8<Scalar>>

  /// Bits behind the point of the constants, and of the sums between the two passes.
  private static let fractionBits: Int32 = 13
  private static let extraBits: Int32 = 2

  @inline(__always)
  private static func store(_ row: SIMD8<UInt8>, _ target: inout [UInt8], _ offset: Int) {
    var span = target.mutableSpan
    var bytes = span.mutableBytes
    bytes.storeBytes(of: row, toByteOffset: offset, as: SIMD8<UInt8>.self)
  }

  /// Lane `i` of line `j` becomes lane `j` of line `i`: three times both halves are zipped.
  @inline(__always)
  private static func transposed<Scalar>(_ lines: Lines<Scalar>) -> Lines<Scalar> {
    var lines = lines
    for _ in 0..<3 {
      var zipped = lines
      for index in 0..<4 {
        var pair = SIMD16<Scalar>()
        pair.evenHalf = lines[index]
        pair.oddHalf = lines[index + 4]
        zipped[2 * index] = pair.lowHalf
        zipped[2 * index + 1] = pair.highHalf
      }
      lines = zipped
    }
    return lines
  }

  /// One pass over the eight lines; the results are rounded and shifted right.
  ///
  /// The constants are sums of cosines times 2^13, named after their values there.
  @inline(__always)
  private static func pass(_ line: inout Lines<Int32>, shift: Int32) {
    // Even part: a rotation by 6 pi / 16 between sums and differences.
    let turned = (line[2] &+ line[6]) &* 4433  // 0.541196100
    let even2 = turned &- line[6] &* 15137  // 1.847759065
    let even3 = turned &+ line[2] &* 6270  // 0.765366865
    let even0 = (line[0] &+ line[4]) &<< fractionBits
    let even1 = (line[0] &- line[4]) &<< fractionBits
    let half = SIMD8<Int32>(repeating: 1 &<< (shift - 1))
    let (sum0, sum3) = (even0 &+ even3 &+ half, even0 &- even3 &+ half)
    let (sum1, sum2) = (even1 &+ even2 &+ half, even1 &- even2 &+ half)

    // Odd part.
    let (odd0, odd1, odd2, odd3) = (line[7], line[5], line[3], line[1])
    let all = (odd0 &+ odd2 &+ odd1 &+ odd3) &* 9633  // 1.175875602
    let pair0 = (odd0 &+ odd3) &* -7373  // 0.899976223
    let pair1 = (odd1 &+ odd2) &* -20995  // 2.562915447
    let pair2 = (odd0 &+ odd2) &* -16069 &+ all  // 1.961570560
    let pair3 = (odd1 &+ odd3) &* -3196 &+ all  // 0.390180644
    let part0 = odd0 &* 2446 &+ pair0 &+ pair2  // 0.298631336
    let part1 = odd1 &* 16819 &+ pair1 &+ pair3  // 2.053119869
    let part2 = odd2 &* 25172 &+ pair1 &+ pair2  // 3.072711026
    let part3 = odd3 &* 12299 &+ pair0 &+ pair3  // 1.501321110

    let shifts = SIMD8<Int32>(repeating: shift)
    line[0] = (sum0 &+ part3) &>> shifts
    line[7] = (sum0 &- part3) &>> shifts
    line[1] = (sum1 &+ part2) &>> shifts
    line[6] = (sum1 &- part2) &>> shifts
    line[2] = (sum2 &+ part1) &>> shifts
    line[5] = (sum2 &- part1) &>> shifts
    line[3] = (sum3 &+ part0) &>> shifts
    line[4] = (sum3 &- part0) &>> shifts
  }
}
