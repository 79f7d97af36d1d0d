extension JSONCursor {
  /// Moves over one value that is read strictly elsewhere, or was refused.
  ///
  /// Strings are read strictly and brackets are counted; what stands between them is not checked.
  ///
  /// - Throws: `JSONError` where the text ends first.
  mutating func skipValue() throws(JSONError) {
    var depth = 0
    repeat {
      skipSpace()
      switch peek() {
      case 0x22: try string { _ in }
      case 0x5B, 0x7B:
        depth += 1
        position += 1
      case 0x5D, 0x7D:
        guard depth > 0 else { throw error("expected a value, found \(found)") }
        depth -= 1
        position += 1
      case 0x2C, 0x3A:
        guard depth > 0 else { throw error("expected a value, found \(found)") }
        position += 1
      default: try skipWord()
      }
    } while depth > 0
  }

  /// Moves over a number or word, at least one byte.
  private mutating func skipWord() throws(JSONError) {
    guard !isAtEnd else { throw error("the value does not end") }
    repeat { position += 1 } while position < end && !Self.endsWord(position.pointee)
  }

  private static func endsWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0...0x20, 0x22, 0x2C, 0x3A, 0x5B, 0x5D, 0x7B, 0x7D: true
    default: false
    }
  }
}
