/// Coefficients of 8 x 8 samples, row by row, and the inverse cosine transform.
struct JPEGBlock {
  var coefficients: InlineArray<64, Int16> = .init(repeating: 0)

  /// Takes the coefficients that stand at `start`; answers the place of the last that is not 0.
  mutating func load(_ source: [Int16], _ start: Int) -> Int {
    var last = 0
    for index in 0..<64 {
      let value = source[start + index]
      coefficients[index] = value
      if value != 0 { last = index }
    }
    return last
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
      let sample = Self.sample((Int32(coefficients[0]) &* steps[0] &+ 4) >> 3)
      let row = UInt64(sample) &* 0x0101_0101_0101_0101
      for y in 0..<8 { Self.store(row, &target, offset + y * stride) }
      return
    }
    var columns: InlineArray<64, Int32> = .init(repeating: 0)
    for x in 0..<8 {
      var line = Line(repeating: 0)
      var rest: Int16 = 0
      for y in 1..<8 { rest |= coefficients[8 * y + x] }
      let first = Int32(coefficients[x]) &* steps[x]
      guard rest != 0 else {
        // A column without changes is as high everywhere.
        for y in 0..<8 { columns[8 * y + x] = first &<< Self.extraBits }
        continue
      }
      for y in 0..<8 { line[y] = Int32(coefficients[8 * y + x]) &* steps[8 * y + x] }
      Self.transform(&line, shift: Self.fractionBits - Self.extraBits)
      for y in 0..<8 { columns[8 * y + x] = line[y] }
    }
    for y in 0..<8 {
      var line = Line(repeating: 0)
      for x in 0..<8 { line[x] = columns[8 * y + x] }
      Self.transform(&line, shift: Self.fractionBits + Self.extraBits + 3)
      var row: UInt64 = 0
      for x in 0..<8 { row |= UInt64(Self.sample(line[x])) &<< UInt64(8 * x) }
      Self.store(row, &target, offset + y * stride)
    }
  }

  private typealias Line = InlineArray<8, Int32>

  /// Bits behind the point of the constants, and of the sums between the two passes.
  private static let fractionBits: Int32 = 13
  private static let extraBits: Int32 = 2

  /// The level shift, and the limits of a sample.
  @inline(__always)
  private static func sample(_ value: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: max(0, min(255, value &+ 128)))
  }

  /// Eight samples at once, the first in the lowest byte.
  @inline(__always)
  private static func store(_ row: UInt64, _ target: inout [UInt8], _ offset: Int) {
    var span = target.mutableSpan
    var bytes = span.mutableBytes
    bytes.storeBytes(of: row.littleEndian, toByteOffset: offset, as: UInt64.self)
  }

  /// One pass over eight values; the results are rounded and shifted right.
  ///
  /// The constants are sums of cosines times 2^13, named after their values there.
  @inline(__always)
  private static func transform(_ line: inout Line, shift: Int32) {
    // Even part: a rotation by 6 pi / 16 between sums and differences.
    let turned = (line[2] &+ line[6]) &* 4433  // 0.541196100
    let even2 = turned &- line[6] &* 15137  // 1.847759065
    let even3 = turned &+ line[2] &* 6270  // 0.765366865
    let even0 = (line[0] &+ line[4]) &<< fractionBits
    let even1 = (line[0] &- line[4]) &<< fractionBits
    let (sum0, sum3) = (even0 &+ even3, even0 &- even3)
    let (sum1, sum2) = (even1 &+ even2, even1 &- even2)

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

    let half = Int32(1) &<< (shift - 1)
    line[0] = (sum0 &+ part3 &+ half) &>> shift
    line[7] = (sum0 &- part3 &+ half) &>> shift
    line[1] = (sum1 &+ part2 &+ half) &>> shift
    line[6] = (sum1 &- part2 &+ half) &>> shift
    line[2] = (sum2 &+ part1 &+ half) &>> shift
    line[5] = (sum2 &- part1 &+ half) &>> shift
    line[3] = (sum3 &+ part0 &+ half) &>> shift
    line[4] = (sum3 &- part0 &+ half) &>> shift
  }
}
