internal import Glibc

extension ByteBuffer {
  /// Appends one byte.
  package mutating func append(_ byte: UInt8) {
    reserve(1)[0] = byte
    commit(1)
  }

  /// Appends a literal.
  package mutating func append(_ text: StaticString) {
    let count = text.utf8CodeUnitCount
    memcpy(reserve(count), text.utf8Start, count)
    commit(count)
  }

  /// Appends bytes.
  package mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    memcpy(reserve(bytes.count), source, bytes.count)
    commit(bytes.count)
  }

  /// Appends bytes.
  package mutating func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { append($0) }
  }

  /// Appends text as UTF-8.
  package mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  /// Appends a number in decimal.
  package mutating func append(decimal value: Int) {
    if value < 0 { append(0x2D as UInt8) }
    let magnitude = value.magnitude
    let digits = Self.digitCount(magnitude)
    let target = reserve(digits)
    var rest = magnitude
    for index in stride(from: digits - 1, through: 0, by: -1) {
      target[index] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
      rest /= 10
    }
    commit(digits)
  }

  /// Appends a number in hexadecimal.
  mutating func append(hexadecimal value: Int) {
    var shift = max(0, (Int.bitWidth - value.leadingZeroBitCount - 1) / 4 * 4)
    while shift >= 0 {
      let nibble = UInt8(truncatingIfNeeded: value >> shift & 15)
      append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
      shift -= 4
    }
  }

  /// Appends `count` zeros that `overwrite` will replace.
  mutating func append(placeholder count: Int) {
    memset(reserve(count), 0x30, count)
    commit(count)
  }

  /// How many decimal digits `value` has.
  static func digitCount(_ value: UInt) -> Int {
    var digits = 1
    var rest = value
    while rest >= 10 {
      rest /= 10
      digits += 1
    }
    return digits
  }

  /// Appends text inside a JSON string: quotes, backslashes and controls are escaped.
  package mutating func append(jsonEscaped text: String) {
    for byte in text.utf8 {
      switch byte {
      case 0x22: append("\\\"" as StaticString)
      case 0x5C: append("\\\\" as StaticString)
      case 0x0A: append("\\n" as StaticString)
      case 0..<0x20, 0x7F:
        append("\\u00" as StaticString)
        for nibble in [byte >> 4, byte & 15] {
          append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
        }
      default: append(byte)
      }
    }
  }
}
