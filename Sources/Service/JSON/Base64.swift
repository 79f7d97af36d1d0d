/// Base64 (RFC 4648 §4), as JSON carries binary values: `{"b64": "..."}`.
enum Base64 {
  /// The bytes that `text` spells, padded or not; nil where it is no base64.
  static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
    var length = text.count
    while length > 0, text.count - length < 2, text[length - 1] == 0x3D { length -= 1 }
    guard length % 4 != 1, length == text.count || text.count % 4 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(length / 4 * 3 + 2)
    var bits: UInt32 = 0
    var bitCount = 0
    for index in 0..<length {
      guard let value = value(of: text[index]) else { return nil }
      bits = bits << 6 | value
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
        bits &= (1 << UInt32(bitCount)) - 1
      }
    }
    // Bits behind the last byte must be zero, or several texts would mean the same bytes.
    return bits == 0 ? bytes : nil
  }

  private static func value(of character: UInt8) -> UInt32? {
    switch character {
    case 0x41...0x5A: UInt32(character - 0x41)
    case 0x61...0x7A: UInt32(character - 0x61 + 26)
    case 0x30...0x39: UInt32(character - 0x30 + 52)
    case 0x2B: 62
    case 0x2F: 63
    default: nil
    }
  }
}
