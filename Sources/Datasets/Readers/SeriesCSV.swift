package import Storage

/// Time series as CSV with a header: a date and a number on each line.
package struct SeriesCSV: Sendable, Equatable {
  /// The name of the number's column.
  package let name: String
  /// What stands in the first column, in the order of the file.
  package let times: [String]
  package let values: [Float]

  /// Numbers of one series.
  package static let countMax = 1 << 24

  /// Reads a file's bytes.
  ///
  /// - Throws: `FormatError` naming the line that has another number of fields than two or no finite number.
  package init(_ bytes: [UInt8]) throws(FormatError) {
    guard bytes.count <= CSV.byteCountMax else {
      throw FormatError("csv", "\(bytes.count) bytes; at most \(CSV.byteCountMax) are read")
    }
    var records = CSVRecords(bytes)
    guard let header = try records.next(), header.count == 2 else {
      throw FormatError("csv", "a series has a header of two columns: time and value")
    }
    var times: [String] = []
    var values: [Float] = []
    while let fields = try records.next() {
      guard fields.count == 2 else {
        throw FormatError("csv", "line \(records.line) has \(fields.count) fields; expected 2")
      }
      guard let value = Float(fields[1]), value.isFinite else {
        throw FormatError(
          "csv",
          "line \(records.line), column 2: '\(fields[1].prefix(40))' is no finite number"
        )
      }
      guard values.count < Self.countMax else {
        throw FormatError("csv", "more than \(Self.countMax) numbers; that is the limit")
      }
      times.append(fields[0])
      values.append(value)
    }
    name = header[1]
    self.times = times
    self.values = values
  }

  /// Reads a file.
  ///
  /// - Throws: As `init(_:)`, and where the file cannot be read.
  package init(contentsOf path: String) throws(FormatError) {
    try self.init(FileAccess.read(path, byteCountMax: CSV.byteCountMax))
  }
}
