/// Byte classes of RFC 9110 §5.6 and RFC 3986.
///
/// Requests are bytes here, never `String`: Unicode equality, case folding and whitespace would
/// open smuggling holes.
enum ASCII {
  static var lineFeed: UInt8 { 0x0A }
  static var carriageReturn: UInt8 { 0x0D }
  static var space: UInt8 { 0x20 }
  static var tab: UInt8 { 0x09 }
  static var colon: UInt8 { 0x3A }
  static var comma: UInt8 { 0x2C }
  static var slash: UInt8 { 0x2F }
  static var percent: UInt8 { 0x25 }
  static var question: UInt8 { 0x3F }

  // The classes are bit sets, one bit per byte below 128, in two halves. They are computed
  // properties so that they are constants in the code: a lazy static costs a call per byte.

  /// `tchar` (RFC 9110 §5.6.2): letters, digits and !#$%&'*+-.^_`|~ only.
  private static var tokenLow: UInt64 { 0x03FF_6CFA_0000_0000 }
  private static var tokenHigh: UInt64 { 0x57FF_FFFF_C7FF_FFFE }
  /// `pchar` and `/` but not `%` (RFC 3986 §3.3): letters, digits and !$&'()*+,-./:;=@_~ only.
  private static var pathLow: UInt64 { 0x2FFF_FFD2_0000_0000 }
  private static var pathHigh: UInt64 { 0x47FF_FFFE_87FF_FFFF }

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

  /// Whether the byte may stand in a query.
  ///
  /// More than RFC 3986 §3.4 allows, as clients send `[`, `|` and the like raw; never a space, a
  /// control, `#` or a byte above 0x7E.
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
