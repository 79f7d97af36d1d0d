import Storage

/// Splits text into records of fields; quoted fields may hold commas, quotes (doubled) and line ends.
struct CSVRecords {
  /// The line of the last record, from 1.
  private(set) var line = 0
  private let bytes: [UInt8]
  private var position = 0
  private var lineEnds = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    // Spreadsheets put a byte order mark first.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The next record that is not an empty line.
  mutating func next() throws(FormatError) -> [String]? {
    while position < bytes.count, bytes[position] == 0x0A || bytes[position] == 0x0D {
      if bytes[position] == 0x0A { lineEnds += 1 }
      position += 1
    }
    guard position < bytes.count else { return nil }
    line = lineEnds + 1
    var fields: [String] = []
    while true {
      fields.append(try field())
      guard fields.count <= CSV.columnCountMax else {
        throw FormatError("csv", at: position, "more than \(CSV.columnCountMax) columns")
      }
      guard position < bytes.count, bytes[position] == UInt8(ascii: ",") else { break }
      position += 1
    }
    return fields
  }

  private mutating func field() throws(FormatError) -> String {
    let start = position
    if position < bytes.count, bytes[position] == UInt8(ascii: "\"") { return try quotedField() }
    while position < bytes.count, ![0x2C, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    return try text(Array(bytes[start..<position]), start)
  }

  private mutating func quotedField() throws(FormatError) -> String {
    let start = position
    var content: [UInt8] = []
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") {
        guard position < bytes.count, bytes[position] == byte else {
          guard position == bytes.count || [0x2C, 0x0A, 0x0D].contains(bytes[position]) else {
            throw FormatError("csv", at: position, "text after a closing quote")
          }
          return try text(content, start)
        }
        position += 1
      }
      if byte == 0x0A { lineEnds += 1 }
      content.append(byte)
    }
    throw FormatError("csv", at: start, "a quoted field is not closed")
  }

  private func text(_ content: [UInt8], _ start: Int) throws(FormatError) -> String {
    guard let text = String(validating: content, as: UTF8.self) else {
      throw FormatError("csv", at: start, "a field is not UTF-8")
    }
    return text
  }
}
