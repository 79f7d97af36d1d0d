package import Storage
package import Tensors

/// Tables of numbers with a label in one column, as text (RFC 4180).
package enum CSV {
  /// Bytes of one file.
  package static let byteCountMax = 1 << 30
  /// Columns of one table.
  package static let columnCountMax = 1 << 14

  /// What a file holds.
  package struct Table: Sendable {
    /// Names of the feature columns; empty without a header.
    package let columns: [String]
    /// float32, [rows, features].
    package let features: Tensor
    /// The labels in the order of the rows.
    package let labels: [String]

    /// Distinct labels, in the order of `ClassNames`.
    package var classes: [String] { ClassNames.sorted(Set(labels)) }

    /// Features with the position of each row's label in `classes` as int64.
    package var dataset: Dataset {
      let position = Dictionary(
        uniqueKeysWithValues: classes.enumerated().map { ($1, Int64($0)) }
      )
      return Dataset(
        features: features,
        labels: Tensor(vector: labels.map { position[$0] ?? 0 })
      )
    }
  }

  /// Reads a table.
  ///
  /// The first line is a header where `hasHeader` says so, or, where it is `nil`, when one of its feature fields is no number.
  /// `labelColumn` counts from 0, or from the end where negative.
  ///
  /// - Throws: `FormatError` naming line and column of a field that is no finite number, or a line of another length.
  package static func read(
    _ bytes: [UInt8],
    labelColumn: Int = -1,
    hasHeader: Bool? = nil
  ) throws(FormatError) -> Table {
    guard bytes.count <= byteCountMax else {
      throw FormatError("csv", "\(bytes.count) bytes; at most \(byteCountMax) are read")
    }
    var reader = RecordReader(bytes)
    guard let first = try reader.next() else { throw FormatError("csv", "the file has no lines") }
    let label = labelColumn < 0 ? first.count + labelColumn : labelColumn
    guard first.indices.contains(label), first.count >= 2, first.count <= columnCountMax else {
      throw FormatError(
        "csv",
        "label column \(labelColumn) in a table of \(first.count) columns"
      )
    }
    func withoutLabel(_ fields: [String]) -> [String] {
      fields.indices.filter { $0 != label }.map { fields[$0] }
    }
    let isHeader = hasHeader ?? withoutLabel(first).contains { number($0) == nil }

    var values: [Float] = []
    var labels: [String] = []
    var record: [String]? = isHeader ? try reader.next() : first
    while let fields = record {
      guard fields.count == first.count else {
        throw FormatError(
          "csv",
          "line \(reader.line) has \(fields.count) fields, the first has \(first.count)"
        )
      }
      for (column, field) in fields.enumerated() where column != label {
        guard let value = number(field) else {
          throw FormatError(
            "csv",
            "line \(reader.line), column \(column + 1): '\(field.prefix(40))' is no number"
          )
        }
        values.append(value)
      }
      labels.append(fields[label])
      record = try reader.next()
    }
    return Table(
      columns: isHeader ? withoutLabel(first) : [],
      features: Tensor(values, [labels.count, first.count - 1]),
      labels: labels
    )
  }

  private static func number(_ field: String) -> Float? {
    let trimmed = field.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
    guard let value = Float(String(trimmed)), value.isFinite else { return nil }
    return value
  }
}

/// Splits text into records of fields; quoted fields may hold commas, quotes (doubled) and line ends.
private struct RecordReader {
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
