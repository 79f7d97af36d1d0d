/// Byte classes of RFC 9110 §5.6 and RFC 3986. Requests are bytes here, never `String`:
/// Unicode equality, case folding and whitespace would open smuggling holes.
enum ASCII {
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let space: UInt8 = 0x20
  static let tab: UInt8 = 0x09
  static let colon: UInt8 = 0x3A
  static let comma: UInt8 = 0x2C
  static let slash: UInt8 = 0x2F
  static let percent: UInt8 = 0x25
  static let question: UInt8 = 0x3F

  /// `tchar` (RFC 9110 §5.6.2), as a bit per byte below 128.
  private static let tokenLow = bits("!#$%&'*+-.0123456789")
  private static let tokenHigh = bits("ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~")
  /// What may stand in a path besides `%`: `pchar` and `/` (RFC 3986 §3.3).
  private static let pathLow = bits("!$%&'()*+,-./0123456789:;=")
  private static let pathHigh = bits("@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~")

  /// The bits of one half of the table; `string` holds bytes of that half only.
  private static func bits(_ string: StaticString) -> UInt64 {
    var result: UInt64 = 0
    string.withUTF8Buffer { for byte in $0 { result |= 1 << UInt64(byte & 63) } }
    return result
  }

  @inline(__always)
  private static func contains(_ byte: UInt8, low: UInt64, high: UInt64) -> Bool {
    byte < 128 && ((byte < 64 ? low : high) >> UInt64(byte & 63)) & 1 == 1
  }

  /// Whether the byte may stand in a token such as a method or a field name.
  @inline(__always)
  static func isToken(_ byte: UInt8) -> Bool { contains(byte, low: tokenLow, high: tokenHigh) }

  /// Whether the byte may stand in a path.
  @inline(__always)
  static func isPath(_ byte: UInt8) -> Bool { contains(byte, low: pathLow, high: pathHigh) }

  /// Whether the byte may stand in a query. More than RFC 3986 §3.4 allows, as clients send `[`,
  /// `|` and the like raw; never a space, a control, `#` or a byte above 0x7E.
  @inline(__always)
  static func isQuery(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F && byte != 0x23 }

  /// Whether the byte may stand in a field value: visible, obs-text, SP or HTAB (RFC 9110 §5.5).
  @inline(__always)
  static func isFieldValue(_ byte: UInt8) -> Bool {
    byte >= 0x20 ? byte != 0x7F : byte == tab
  }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  /// Optional whitespace, `OWS` (RFC 9110 §5.6.3).
  @inline(__always)
  static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

  /// The byte with A-Z folded to a-z and nothing else changed.
  @inline(__always)
  static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

  /// The value of a hexadecimal digit, or nil.
  @inline(__always)
  static func hexValue(_ byte: UInt8) -> UInt8? {
    if isDigit(byte) { return byte &- 0x30 }
    let letter = (byte | 0x20) &- 0x61
    return letter < 6 ? letter &+ 10 : nil
  }
}
