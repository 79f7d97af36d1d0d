import Datasets
import Tensors

/// Reads examples as CSV, one row a line.
///
/// The answer is in the column `label` or `target` (several values: `target_1`, `target_2` and so on), or in the last. Several labels in one field are divided by `|`.
struct CSVExamples {
  /// Reads all lines into `builder`.
  static func read(
    _ stream: ByteStream,
    into builder: inout ExampleBuilder
  ) throws(ExampleProblems) {
    var columns: CSVColumns?
    var number = 0
    while let line = try nextLine(stream, number + 1, builder) {
      number += 1
      guard line.contains(where: { $0 > 0x20 }) else { continue }
      guard let known = columns else {
        let found = try Self.columns(line, number, builder)
        columns = found
        if !found.hasHeader { try row(line, number, found, &builder) }
        continue
      }
      try row(line, number, known, &builder)
    }
  }

  private static func columns(
    _ line: UnsafeRawBufferPointer,
    _ number: Int,
    _ builder: ExampleBuilder
  ) throws(ExampleProblems) -> CSVColumns {
    do {
      return try CSVColumns(first: try CSVLine.fields(line), builder.schema)
    } catch { throw builder.stopped(at: .line(number), error) }
  }

  private static func nextLine(
    _ stream: ByteStream,
    _ number: Int,
    _ builder: ExampleBuilder
  ) throws(ExampleProblems) -> UnsafeRawBufferPointer? {
    do {
      return try stream.nextLine(byteCountMax: builder.limits.lineBytes)
    } catch { throw builder.stopped(at: .line(number), ExampleFault(error, in: "row")) }
  }

  private static func row(
    _ line: UnsafeRawBufferPointer,
    _ number: Int,
    _ columns: CSVColumns,
    _ builder: inout ExampleBuilder
  ) throws(ExampleProblems) {
    try builder.row(at: .line(number)) { builder in
      try fields(CSVLine(line), columns, &builder)
    }
  }

  private static func fields(
    _ line: CSVLine,
    _ columns: CSVColumns,
    _ builder: inout ExampleBuilder
  ) throws(ExampleFault) {
    var line = line
    var column = 0
    var values: [Float] = []
    let first = builder.inputs.elementCount
    while column < columns.count {
      guard !line.isAtEnd else {
        throw ExampleFault("row", expected: "\(columns.count) columns", got: "\(column)")
      }
      let run = columns.inputRun(from: column)
      if run == 0 {
        if builder.schema.targets.areLabels {
          try label(try line.text(), &builder)
        } else {
          values.append(try line.number("target", column: column))
        }
        column += 1
        continue
      }
      column += line.numbers(atMost: run, into: builder.inputs)
      guard columns.inputRun(from: column) > 0, column < columns.count else { continue }
      var value = try line.number("input", column: column)
      withUnsafeBytes(of: &value) { builder.inputs.append($0) }
      column += 1
    }
    guard line.isAtEnd else {
      throw ExampleFault("row", expected: "\(columns.count) columns", got: "more")
    }
    try builder.checkInput(from: first, sizes: [builder.inputs.elementCount - first])
    if !builder.schema.targets.areLabels { try builder.targets.append(values: values) }
  }

  private static func label(
    _ text: String,
    _ builder: inout ExampleBuilder
  ) throws(ExampleFault) {
    guard case .multiLabel = builder.schema.targets else {
      return try builder.targets.append(.text(text))
    }
    try builder.targets.append(set: text.split(separator: "|").map { .text(String($0)) })
  }
}
