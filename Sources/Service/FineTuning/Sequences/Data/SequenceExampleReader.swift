import Datasets
import ONNXFormat

/// Reads the examples of a sequence model from a file of any format that its task knows.
struct SequenceExampleReader {
  let schema: SequenceExampleSchema
  let limits: ExampleLimits

  init(_ schema: SequenceExampleSchema, limits: ExampleLimits = ExampleLimits()) {
    self.schema = schema
    self.limits = limits
  }

  /// Reads a stored file; `name` is what its owner called it.
  ///
  /// - Throws: `ExampleProblems` with the first things that are wrong and how many there are.
  func read(path: String, name: String) throws(ExampleProblems) -> SequenceExampleSet {
    let source: FileSource
    do {
      source = try FileSource(path, byteCountMax: limits.fileBytes)
    } catch { throw ExampleProblems(.file, ExampleFault(error, in: "file")) }
    return try read(ByteStream(source), name: name)
  }

  /// Reads a file in memory.
  ///
  /// - Throws: As above.
  func read(_ bytes: [UInt8], name: String) throws(ExampleProblems) -> SequenceExampleSet {
    try read(ByteStream(MemorySource(bytes)), name: name)
  }

  private func read(
    _ stream: ByteStream,
    name: String
  ) throws(ExampleProblems) -> SequenceExampleSet {
    var stream = stream
    var format = try format(of: stream, name)
    if format == .gzip {
      do {
        stream = ByteStream(try GzipSource(stream, byteCountMax: limits.inflatedBytes))
      } catch { throw ExampleProblems(.file, ExampleFault(error, in: "gzip")) }
      format = try self.format(of: stream, name)
    }
    var builder = SequenceExampleBuilder(schema, limits: limits)
    let lower = name.lowercased()
    switch (schema.task, format) {
    case (.imageCaptioning, .tar): try CaptionedPictures.read(stream, into: &builder)
    case (.imageCaptioning, _), (_, .tar), (_, .npz), (_, .gzip):
      throw ExampleProblems(
        .file,
        ExampleFault("format", expected: schema.task.exampleFormats, got: "another format")
      )
    case (.textGeneration, .csv): try PlainText.read(stream, into: &builder)
    case (.textGeneration, .jsonLines) where !lower.hasSuffix(".jsonl") && lower.hasSuffix(".txt"):
      try PlainText.read(stream, into: &builder)
    case (.tokenClassification, .csv): try TaggedLines.read(stream, into: &builder)
    case (.forecasting, .csv) where try !Self.startsWithList(stream):
      try SeriesTable.read(stream, into: &builder)
    case (.forecasting, .csv), (_, .jsonLines):
      try SequenceJSONLines.read(stream, into: &builder)
    case (_, .csv):
      try TextTable.read(stream, isTabbed: lower.hasSuffix(".tsv"), into: &builder)
    }
    return try builder.finished()
  }

  /// Tells the format of what the stream holds, behind a byte order mark, which is taken.
  private func format(
    of stream: ByteStream,
    _ name: String
  ) throws(ExampleProblems) -> ExampleFileFormat {
    do {
      if try stream.peek(3).elementsEqual([0xEF, 0xBB, 0xBF]) { _ = try stream.take(3) }
      return try ExampleFileFormat(try stream.peek(ExampleFileFormat.headByteCount), name: name)
    } catch {
      let fault = ExampleFault(error, in: "format")
      throw ExampleProblems(
        .file,
        ExampleFault(fault.field, expected: schema.task.exampleFormats, got: fault.got)
      )
    }
  }

  /// Whether the first line is a JSON list.
  private static func startsWithList(_ stream: ByteStream) throws(ExampleProblems) -> Bool {
    do {
      return try stream.peek(1).first == UInt8(ascii: "[")
    } catch { throw ExampleProblems(.file, ExampleFault(error, in: "format")) }
  }
}
