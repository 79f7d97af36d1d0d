import Storage

/// A table of Huffman codes (T.81, B.2.4.2 and Annexes C and F.2.2.3).
///
/// A class, because the tables are used for every coefficient: one reference is passed, not several arrays.
final class JPEGHuffmanTable: Sendable {
  /// Bits that are looked up at once; longer codes are rare.
  static let lookupBitCount = 9

  /// For the next `lookupBitCount` bits: the length of the code in front times 256, and its symbol; 0 where the code is longer.
  let lookup: [UInt16]
  /// For each length 0...16 the first number above the codes of this length, at 16 bits; 0 where there are none up to here.
  let ends: [Int]
  /// For each length what to add to a code for the index of its symbol.
  let shifts: [Int]
  let symbols: [UInt8]

  /// Builds the table from the number of codes of each length 1...16 and the symbols in the order of their codes; `nil` where the codes
  /// do not fit their lengths.
  init?(counts: ArraySlice<UInt8>, symbols: ArraySlice<UInt8>) {
    let bitCount = Self.lookupBitCount
    var lookup = [UInt16](repeating: 0, count: 1 << bitCount)
    var ends = [Int](repeating: 0, count: 17)
    var shifts = ends
    var code = 0
    var index = 0
    let values = Array(symbols)
    for (length, count) in zip(1...16, counts.map(Int.init)) {
      guard code + count <= 1 << length, index + count <= values.count else { return nil }
      shifts[length] = index - code
      if length <= bitCount {
        for offset in 0..<count {
          let first = (code + offset) << (bitCount - length)
          for position in first..<first + 1 << (bitCount - length) {
            lookup[position] = UInt16(length) << 8 | UInt16(values[index + offset])
          }
        }
      }
      code += count
      index += count
      ends[length] = code << (16 - length)
      code <<= 1
    }
    self.lookup = lookup
    self.ends = ends
    self.shifts = shifts
    self.symbols = values
  }
}

/// The tables that a file has defined so far, by class and number.
struct JPEGHuffmanTables {
  private(set) var dc = [JPEGHuffmanTable?](repeating: nil, count: 4)
  private(set) var ac = [JPEGHuffmanTable?](repeating: nil, count: 4)

  /// Reads a DHT segment: one table or several.
  ///
  /// - Throws: `FormatError` for codes that no decoder could tell apart.
  mutating func read(_ segment: JPEGSegment, in bytes: [UInt8]) throws(FormatError) {
    var rest = bytes[segment.body]
    while !rest.isEmpty {
      guard rest.count >= 17 else { throw segment.error("a Huffman table is cut short") }
      let (kind, number) = (rest[rest.startIndex] >> 4, Int(rest[rest.startIndex] & 15))
      let counts = rest.dropFirst().prefix(16)
      let count = counts.reduce(0) { $0 + Int($1) }
      let symbols = rest.dropFirst(17).prefix(count)
      guard kind <= 1, number < 4, count <= 256, symbols.count == count else {
        throw segment.error("Huffman table \(number) of class \(kind) with \(count) codes")
      }
      // A DC symbol is a number of bits.
      guard kind == 1 || symbols.allSatisfy({ $0 <= 15 }),
        let table = JPEGHuffmanTable(counts: counts, symbols: symbols)
      else { throw segment.error("Huffman table \(number) of class \(kind) has impossible codes") }
      if kind == 0 { dc[number] = table } else { ac[number] = table }
      rest = rest.dropFirst(17 + count)
    }
  }
}
