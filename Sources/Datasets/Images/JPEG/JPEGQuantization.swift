import Storage

/// The quantisation tables of a file: the step of each coefficient, row by row (T.81, B.2.4.1).
struct JPEGQuantization {
  /// Where the coefficients of a block stand, in the order of the file: along diagonals from the corner (T.81, figure A.6).
  static let zigzag: [UInt8] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
  ]

  private(set) var tables = [[Int32]?](repeating: nil, count: 4)

  /// Reads a DQT segment: one table or several, of 8 or 16 bits.
  ///
  /// - Throws: `FormatError` for a segment that does not end with a table.
  mutating func read(_ segment: JPEGSegment, in bytes: [UInt8]) throws(FormatError) {
    var position = segment.body.lowerBound
    while position < segment.body.upperBound {
      let (precision, number) = (bytes[position] >> 4, Int(bytes[position] & 15))
      guard precision <= 1, number < 4 else {
        throw segment.error("quantisation table \(number) of precision \(precision)")
      }
      let size = precision == 0 ? 1 : 2
      guard segment.body.upperBound - position > 64 * size else {
        throw segment.error("quantisation table \(number) is cut short")
      }
      var table = [Int32](repeating: 0, count: 64)
      for (index, place) in Self.zigzag.enumerated() {
        let start = position + 1 + index * size
        table[Int(place)] = Int32(
          size == 1 ? Int(bytes[start]) : JPEGSegment.number16(bytes, start)
        )
      }
      tables[number] = table
      position += 1 + 64 * size
    }
  }
}
