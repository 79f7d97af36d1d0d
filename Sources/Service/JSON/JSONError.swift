/// Why a JSON text was refused, and where.
package struct JSONError: Error, Equatable {
  /// The first byte that is wrong, counted from 0.
  package let offset: Int
  /// What is wrong, with the path of the value where it helps.
  package let reason: String

  package init(offset: Int, reason: String) {
    self.offset = offset
    self.reason = reason
  }

  /// The reason with line and column (both from 1, columns in bytes) in `text`.
  package func message(in text: UnsafeRawBufferPointer) -> String {
    var line = 1
    var lineStart = 0
    for index in 0..<min(offset, text.count) where text[index] == 0x0A {
      line += 1
      lineStart = index + 1
    }
    return "\(reason) at line \(line), column \(offset - lineStart + 1) (byte \(offset))"
  }
}
