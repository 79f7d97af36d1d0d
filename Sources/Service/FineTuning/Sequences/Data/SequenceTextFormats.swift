import Datasets
import ONNXFormat

extension SequenceExampleBuilder {
  /// The next line of a text file, without its end.
  func line(
    of stream: ByteStream,
    _ number: Int
  ) throws(ExampleProblems) -> UnsafeRawBufferPointer? {
    do {
      return try stream.nextLine(byteCountMax: limits.lineBytes)
    } catch { throw stopped(at: .line(number), ExampleFault(error, in: "row")) }
  }

  /// A line as text.
  ///
  /// - Throws: `ExampleFault` where it is not UTF-8.
  static func text(_ line: UnsafeRawBufferPointer) throws(ExampleFault) -> String {
    guard let text = String(validating: line, as: UTF8.self) else {
      throw ExampleFault("row", expected: "UTF-8", got: "other bytes")
    }
    return text
  }
}

/// Reads a whole file as one text that goes on.
enum PlainText {
  /// Reads the text into `builder`.
  static func read(
    _ stream: ByteStream,
    into builder: inout SequenceExampleBuilder
  ) throws(ExampleProblems) {
    // Ids and windows take several bytes for each of the text.
    let byteCountMax = builder.limits.decodedBytes / 16
    let bytes: [UInt8]
    do {
      bytes = try stream.takeRest(byteCountMax: byteCountMax)
    } catch { throw builder.stopped(at: .file, ExampleFault(error, in: "text")) }
    try builder.add(at: .file) {
      .text(try bytes.withUnsafeBytes { try SequenceExampleBuilder.text($0) })
    }
  }
}

/// Reads a token and its label on each line, an empty line behind each text (CoNLL's format; columns between them are skipped).
enum TaggedLines {
  /// Reads all lines into `builder`.
  static func read(
    _ stream: ByteStream,
    into builder: inout SequenceExampleBuilder
  ) throws(ExampleProblems) {
    var number = 0
    var first = 1
    var rows: [[Substring]] = []
    var fault: ExampleFault?
    func flush(_ builder: inout SequenceExampleBuilder) throws(ExampleProblems) {
      defer { (rows, fault) = ([], nil) }
      guard !rows.isEmpty || fault != nil else { return }
      try builder.add(at: .line(first)) {
        if let fault { throw fault }
        return .tagged(rows.map { String($0[0]) }, labels: rows.map { String($0[$0.count - 1]) })
      }
    }
    while let line = try builder.line(of: stream, number + 1) {
      number += 1
      guard line.contains(where: { $0 > 0x20 }) else {
        try flush(&builder)
        continue
      }
      if rows.isEmpty, fault == nil { first = number }
      do throws(ExampleFault) {
        let fields = try SequenceExampleBuilder.text(line)
          .split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard fields.count >= 2 else {
          throw ExampleFault(
            "row",
            expected: "a token and its label",
            got: "\(fields.count) fields"
          )
        }
        rows.append(fields)
      } catch { fault = fault ?? error }
    }
    try flush(&builder)
  }
}

/// Reads a series: the number in the last column of each line, below a header or not.
enum SeriesTable {
  /// Reads all lines into `builder`.
  static func read(
    _ stream: ByteStream,
    into builder: inout SequenceExampleBuilder
  ) throws(ExampleProblems) {
    var number = 0
    var values: [Float] = []
    while let line = try builder.line(of: stream, number + 1) {
      number += 1
      guard line.contains(where: { $0 > 0x20 }) else { continue }
      do throws(ExampleFault) {
        let field = try CSVLine.fields(line).last ?? ""
        if let value = Float(field), value.isFinite {
          values.append(value)
        } else if number > 1 {
          throw ExampleFault(
            "series",
            expected: "a finite number in the last column",
            got: ExampleFault.quoted(field)
          )
        }
      } catch {
        // A series with a hole is none.
        throw builder.stopped(at: .line(number), error)
      }
      guard values.count * MemoryLayout<Float>.stride <= builder.limits.decodedBytes else {
        throw builder.stopped(at: .line(number), ExampleFault("series", got: "too many values"))
      }
    }
    try builder.add(at: .file) { .series(values) }
  }
}

/// Reads two texts, or a text and its label, on each line, below a header or not.
enum TextTable {
  /// Reads all lines into `builder`.
  static func read(
    _ stream: ByteStream,
    isTabbed: Bool,
    into builder: inout SequenceExampleBuilder
  ) throws(ExampleProblems) {
    let task = builder.schema.task
    let keys = task.exampleKeys
    var columns = Array(keys.indices)
    var number = 0
    while let line = try builder.line(of: stream, number + 1) {
      number += 1
      guard line.contains(where: { $0 > 0x20 }) else { continue }
      if number == 1, let fields = try? fields(line, isTabbed), Set(keys).isSubset(of: fields) {
        columns = keys.compactMap { fields.firstIndex(of: $0) }
        continue
      }
      try builder.add(at: .line(number)) {
        let fields = try Self.fields(line, isTabbed)
        guard let last = columns.max(), fields.count > last else {
          throw ExampleFault(
            "row",
            expected: "the columns \(keys.joined(separator: ", "))",
            got: "\(fields.count) columns"
          )
        }
        let (first, second) = (fields[columns[0]], fields[columns[1]])
        return task == .translation
          ? .pair(source: first, target: second) : .labelled(first, .string(second))
      }
    }
  }

  private static func fields(
    _ line: UnsafeRawBufferPointer,
    _ isTabbed: Bool
  ) throws(ExampleFault) -> [String] {
    guard isTabbed else { return try CSVLine.fields(line) }
    return try SequenceExampleBuilder.text(line)
      .split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
  }
}
