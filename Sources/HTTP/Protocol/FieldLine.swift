/// A field line: `field-name ":" OWS field-value OWS` (RFC 9112 §5).
enum FieldLine {
  /// The ranges of name and value of the line at `line` of `bytes`.
  ///
  /// Refused: folded lines (RFC 9112 §5.2), blanks before the colon (§5.1), empty or non-token
  /// names, and CR, NUL or any other control in the value (RFC 9110 §5.5).
  static func parse(_ bytes: BorrowedBytes, _ line: ByteRange) throws(RequestError) -> FieldRange {
    var index = line.start
    guard index < line.end, !ASCII.isBlank(bytes.buffer[index]) else {
      throw .malformed("Header lines must not start with a blank.")
    }
    while index < line.end, ASCII.isToken(bytes.buffer[index]) { index += 1 }
    guard index > line.start, index < line.end, bytes.buffer[index] == ASCII.colon else {
      throw .malformed("A header line must be: name, colon, value.")
    }
    let nameEnd = index
    for position in (nameEnd + 1)..<line.end where !ASCII.isFieldValue(bytes.buffer[position]) {
      throw .malformed("A header value contains a control character.")
    }
    var low = nameEnd + 1
    var high = line.end
    while low < high, ASCII.isBlank(bytes.buffer[low]) { low += 1 }
    while high > low, ASCII.isBlank(bytes.buffer[high - 1]) { high -= 1 }
    return FieldRange(
      nameStart: UInt32(truncatingIfNeeded: line.start),
      nameCount: UInt32(truncatingIfNeeded: nameEnd - line.start),
      valueStart: UInt32(truncatingIfNeeded: low),
      valueCount: UInt32(truncatingIfNeeded: high - low)
    )
  }
}
