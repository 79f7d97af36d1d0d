/// Why the coded data of a scan cannot be decoded.
enum JPEGDamage: Error {
  case unknownCode
  case tooManyCoefficients
  case wrongCoefficient
  case cutShort

  var detail: String {
    switch self {
    case .unknownCode: "bits that are no code of the Huffman table"
    case .tooManyCoefficients: "a block with more coefficients than it has room for"
    case .wrongCoefficient: "a correction that is no single bit"
    case .cutShort: "the coded data end too early: cut short"
    }
  }
}

/// Reads the bits of coded data between two markers, and the Huffman codes in them.
///
/// The data are copied first without the zeros that are stuffed behind each 0xFF (T.81, B.1.1.5): refilling is then one load.
/// Behind the end it reads zeros; `isOverrun` tells.
struct JPEGBitReader {
  private var data: [UInt8] = []
  /// Where the next four bytes are taken from.
  private var position = 0
  /// The next bits, from the highest on; below those that count are zeros.
  private var bits: UInt64 = 0
  /// How many of `bits` count.
  private var bitCount = 0

  /// Goes to the coded data at `offset`; answers where the marker stands that ends them, or the end of the file.
  mutating func load(_ bytes: [UInt8], from offset: Int) -> Int {
    data.removeAll(keepingCapacity: true)
    position = 0
    bits = 0
    bitCount = 0
    var start = offset
    while let escape = bytes[start...].firstIndex(of: 0xFF) {
      data.append(contentsOf: bytes[start..<escape])
      // Any number of fill bytes may stand in front of a marker.
      var next = escape + 1
      while next < bytes.count, bytes[next] == 0xFF { next += 1 }
      guard next < bytes.count, bytes[next] == 0 else { return escape }
      data.append(0xFF)
      start = next + 1
    }
    data.append(contentsOf: bytes[start...])
    return bytes.count
  }

  /// True where more bits were read than there are.
  var isOverrun: Bool { position * 8 - bitCount > data.count * 8 }

  /// Makes sure that 32 bits at least can be taken: a code and the number behind it.
  @inline(__always)
  mutating func fill() {
    if bitCount >= 32 { return }
    var word: UInt32 = 0
    if position + 4 <= data.count {
      word = UInt32(
        bigEndian: data.span.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt32.self)
      )
    } else {
      for offset in 0..<4 {
        let index = position + offset
        word = word << 8 | (index < data.count ? UInt32(data[index]) : 0)
      }
    }
    bits |= UInt64(word) &<< UInt64(truncatingIfNeeded: 32 - bitCount)
    bitCount += 32
    position += 4
  }

  @inline(__always)
  private mutating func drop(_ count: Int) {
    bits = bits &<< UInt64(truncatingIfNeeded: count)
    bitCount -= count
  }

  /// Takes 1 to 16 bits, after `fill`.
  @inline(__always)
  mutating func take(_ count: Int) -> Int32 {
    let value = Int32(truncatingIfNeeded: bits &>> UInt64(truncatingIfNeeded: 64 - count))
    drop(count)
    return value
  }

  /// Takes a number of 1 to 15 bits and gives it its sign (T.81, F.2.2.1, EXTEND).
  @inline(__always)
  mutating func takeSigned(_ count: Int) -> Int32 {
    let value = take(count)
    let half = Int32(1) &<< Int32(truncatingIfNeeded: count - 1)
    return value < half ? value &- half &- half &+ 1 : value
  }

  /// Takes the symbol of the next code, after `fill`; leaves 16 bits at least.
  ///
  /// - Throws: `JPEGDamage` where no code of the table is there.
  @inline(__always)
  mutating func symbol(_ table: JPEGHuffmanTable) throws(JPEGDamage) -> Int {
    let entry = table.lookup[Int(bits >> UInt64(64 - JPEGHuffmanTable.lookupBitCount))]
    guard entry != 0 else { return try longSymbol(table) }
    drop(Int(entry >> 8))
    return Int(entry & 0xFF)
  }

  private mutating func longSymbol(_ table: JPEGHuffmanTable) throws(JPEGDamage) -> Int {
    let next = Int(bits >> 48)
    for length in JPEGHuffmanTable.lookupBitCount + 1...16 where next < table.ends[length] {
      let index = next >> (16 - length) + table.shifts[length]
      guard table.symbols.indices.contains(index) else { throw .unknownCode }
      drop(length)
      return Int(table.symbols[index])
    }
    throw .unknownCode
  }
}
