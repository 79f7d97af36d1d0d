import Glibc

/// The fields of one line of CSV (RFC 4180, but a quoted field ends on its line).
struct CSVLine {
  private(set) var cursor: JSONCursor

  init(_ line: UnsafeRawBufferPointer) { cursor = JSONCursor(line) }

  /// Whether no field follows.
  private(set) var isAtEnd = false

  /// All fields as text.
  ///
  /// - Throws: `ExampleFault` for text that is not UTF-8 or a quote that does not close.
  static func fields(_ line: UnsafeRawBufferPointer) throws(ExampleFault) -> [String] {
    var reader = CSVLine(line)
    var fields: [String] = []
    while !reader.isAtEnd { fields.append(try reader.text()) }
    return fields
  }

  /// Reads numbers that commas follow, as many as the kernel knows to read, straight into `staging`.
  mutating func numbers(atMost count: Int, into staging: TensorStaging) -> Int {
    let first = staging.elementCount
    let base = staging.reserve(first + count)
    let read = cursor.floats(into: base + first * 4, capacity: count)
    staging.elementCount = first + read
    return read
  }

  /// Reads a field that must be a finite number.
  ///
  /// - Throws: `ExampleFault` where it is none.
  mutating func number(_ field: String, column: Int) throws(ExampleFault) -> Float {
    let start = cursor
    // JSON's numbers are almost all that CSV has.
    cursor.skipSpace()
    if let value = try? cursor.float(), value.isFinite, takesEnd() { return value }
    cursor = start
    let text = try text()
    guard let value = Float(text), value.isFinite else {
      throw ExampleFault(
        field,
        expected: "a finite number in column \(column + 1)",
        got: text.isEmpty ? "an empty field" : ExampleFault.quoted(text)
      )
    }
    return value
  }

  /// Reads a field as text, without spaces around it.
  mutating func text() throws(ExampleFault) -> String {
    cursor.skipSpace()
    var content: [UInt8] = []
    if cursor.peek() == 0x22 {
      content = try quoted()
      cursor.skipSpace()
    } else {
      let start = cursor.offset
      let rest = cursor.remaining
      let comma = memchr(cursor.position, 0x2C, rest).map { UnsafeRawPointer($0) }
      cursor.position += comma.map { $0 - UnsafeRawPointer(cursor.position) } ?? rest
      let bytes = cursor.bytes(from: start, to: cursor.offset)
      content.append(contentsOf: bytes)
      while content.last == 0x20 || content.last == 0x09 { content.removeLast() }
    }
    guard takesEnd() else {
      throw ExampleFault("row", expected: "',' after a quoted field", got: cursor.found)
    }
    guard let text = String(validating: content, as: UTF8.self) else {
      throw ExampleFault("row", expected: "UTF-8", got: "other bytes")
    }
    return text
  }

  private mutating func quoted() throws(ExampleFault) -> [UInt8] {
    var content: [UInt8] = []
    cursor.position += 1
    while !cursor.isAtEnd {
      let byte = cursor.peek()
      cursor.position += 1
      if byte == 0x22 {
        // A doubled quote stands for one.
        guard cursor.peek() == 0x22 else { return content }
        cursor.position += 1
      }
      content.append(byte)
    }
    throw ExampleFault("row", expected: "a closing quote on the same line", got: "the end")
  }

  /// Moves over the comma behind a field, or notes the end of the line; answers false where something else stands.
  private mutating func takesEnd() -> Bool {
    cursor.skipSpace()
    if cursor.isAtEnd {
      isAtEnd = true
      return true
    }
    return cursor.take(0x2C)
  }
}
