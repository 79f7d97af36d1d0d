extension JSONCursor {
  /// Moves behind a value without reading it: brackets are counted, strings passed over.
  ///
  /// For a value that is read strictly afterwards. What stands between its brackets is not checked.
  ///
  /// - Throws: `JSONError` where the text ends first.
  mutating func skipValue() throws(JSONError) {
    skipSpace()
    let first = self
    var depth = 0
    repeat {
      switch peek() {
      case 0x22:
        _ = try string { _ in }
        continue
      case 0x5B, 0x7B: depth += 1
      case 0x5D, 0x7D:
        depth -= 1
        guard depth >= 0 else { throw error("expected a value, found \(found)") }
      case 0x2C where depth == 0: throw error("expected a value, found \(found)")
      default:
        if depth == 0 {
          skipToken()
          return
        }
      }
      guard !isAtEnd else { throw first.error("the value that begins here does not end") }
      position += 1
    } while depth > 0
  }

  /// Moves behind a number or word.
  private mutating func skipToken() {
    while !isAtEnd {
      switch peek() {
      case 0x2C, 0x5D, 0x7D, 0x20, 0x09, 0x0A, 0x0D: return
      default: position += 1
      }
    }
  }
}
