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
    var reader = CSVRecords(bytes)
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
