/// A position in a JSON text (RFC 8259): the one place that reads request bytes through pointers.
///
/// Every read is bounded by `end`; nothing is copied but strings with escapes. The text must outlive
/// the cursor. Beyond the grammar, the number tokens `NaN`, `Infinity` and `-Infinity` are known, as
/// TensorFlow Serving accepts and emits them.
struct JSONCursor {
  let start: UnsafePointer<UInt8>
  let end: UnsafePointer<UInt8>
  var position: UnsafePointer<UInt8>

  init(_ text: UnsafeRawBufferPointer) {
    // An empty text may have no address; any will do.
    start = text.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? StaticString("").utf8Start
    end = start + text.count
    position = start
  }

  /// Bytes before the position.
  var offset: Int { position - start }
  /// Whether the text ends here.
  var isAtEnd: Bool { position == end }
  /// Bytes that may still be read.
  var remaining: Int { end - position }

  /// The byte at the position; 0 at the end, which no JSON token starts with.
  @inline(__always)
  func peek() -> UInt8 { position < end ? position.pointee : 0 }

  /// The bytes from one offset to another.
  func bytes(from low: Int, to high: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: start + low, count: high - low)
  }

  /// Moves over spaces, tabs and line ends.
  @inline(__always)
  mutating func skipSpace() {
    if position < end, position.pointee > 0x20 { return }
    skipSpaceSlowly()
  }

  private mutating func skipSpaceSlowly() {
    while position < end {
      switch position.pointee {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  /// Moves over space and then `byte` if it stands there.
  @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard position < end, position.pointee == byte else { return false }
    position += 1
    return true
  }

  /// Moves over space and then `byte`, which must stand there.
  mutating func expect(_ byte: UInt8, _ context: @autoclosure () -> String) throws(JSONError) {
    guard take(byte) else {
      throw error("expected '\(Character(UnicodeScalar(byte)))' \(context()), found \(found)")
    }
  }

  /// Moves over `word` if it stands here.
  mutating func take(word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard remaining >= count else { return false }
    for index in 0..<count where position[index] != word.utf8Start[index] { return false }
    position += count
    return true
  }

  /// An error at the position.
  func error(_ reason: String) -> JSONError { JSONError(offset: offset, reason: reason) }

  /// What stands at the position, for messages: the end, a printable byte or a number.
  var found: String {
    guard position < end else { return "the end" }
    let byte = position.pointee
    if byte > 0x20, byte < 0x7F { return "'\(Character(UnicodeScalar(byte)))'" }
    return "byte \(byte)"
  }

  /// Reads a string (the position is at its opening quote) and calls `body` with its UTF-8 bytes:
  /// in place where it has no escapes.
  ///
  /// - Throws: `JSONError` for control characters, bad escapes, lone surrogates, bytes that are not
  ///   UTF-8, or a missing closing quote.
  mutating func string<Result>(
    _ body: (UnsafeRawBufferPointer) -> Result
  ) throws(JSONError) -> Result {
    guard peek() == 0x22 else { throw error("expected a string, found \(found)") }
    let opening = offset
    position += 1
    let content = offset
    var isASCII = true
    while position < end {
      let byte = position.pointee
      if byte == 0x22 {
        let text = bytes(from: content, to: offset)
        position += 1
        if !isASCII, String(validating: text, as: UTF8.self) == nil {
          throw JSONError(offset: opening, reason: "the string is not UTF-8")
        }
        return body(text)
      }
      if byte == 0x5C { return try escapedString(from: content, body) }
      if byte < 0x20 { throw error("control character \(byte) inside a string") }
      if byte >= 0x80 { isASCII = false }
      position += 1
    }
    throw JSONError(offset: opening, reason: "the string does not end")
  }

  /// Reads a string as text.
  mutating func string() throws(JSONError) -> String {
    try string { String(decoding: $0, as: UTF8.self) }
  }

  private mutating func escapedString<Result>(
    from content: Int,
    _ body: (UnsafeRawBufferPointer) -> Result
  ) throws(JSONError) -> Result {
    var text = [UInt8](bytes(from: content, to: offset))
    while position < end {
      let byte = position.pointee
      switch byte {
      case 0x22:
        position += 1
        guard text.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) != nil else {
          throw JSONError(offset: content - 1, reason: "the string is not UTF-8")
        }
        return text.withUnsafeBytes(body)
      case 0x5C:
        try escape(into: &text)
      case 0..<0x20:
        throw error("control character \(byte) inside a string")
      default:
        text.append(byte)
        position += 1
      }
    }
    throw JSONError(offset: content - 1, reason: "the string does not end")
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
    guard remaining >= 2 else { throw error("the string does not end") }
    switch position[1] {
    case 0x22, 0x5C, 0x2F: text.append(position[1])
    case 0x62: text.append(0x08)
    case 0x66: text.append(0x0C)
    case 0x6E: text.append(0x0A)
    case 0x72: text.append(0x0D)
    case 0x74: text.append(0x09)
    case 0x75:
      try unicodeEscape(into: &text)
      return
    default: throw error("unknown escape in a string")
    }
    position += 2
  }

  private mutating func unicodeEscape(into text: inout [UInt8]) throws(JSONError) {
    var value = try hexadecimal()
    if value & 0xFC00 == 0xD800, remaining >= 6, position[0] == 0x5C, position[1] == 0x75 {
      let low = try hexadecimal()
      guard low & 0xFC00 == 0xDC00 else { throw error("lone surrogate in a string") }
      value = 0x10000 + (value & 0x3FF) << 10 + (low & 0x3FF)
    }
    guard let scalar = UnicodeScalar(value) else { throw error("lone surrogate in a string") }
    text.append(contentsOf: UTF8.encode(scalar).map { [UInt8]($0) } ?? [])
  }

  /// Reads `\u` and four hexadecimal digits.
  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    guard remaining >= 6 else { throw error("the string does not end") }
    var value: UInt32 = 0
    for index in 2..<6 {
      let byte = position[index]
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
      case 0x41...0x46: value = value << 4 | UInt32(byte - 0x37)
      case 0x61...0x66: value = value << 4 | UInt32(byte - 0x57)
      default: throw error("\\u needs four hexadecimal digits in a string")
      }
    }
    position += 6
    return value
  }
}
