import Datasets
import Tensors

/// Reads training examples from a file of any known format and checks them against what a model needs.
///
/// Text and archives are streamed; only the decoded examples (and the whole of an .npz) are in memory.
package struct ExampleReader: Sendable {
  private let schema: ExampleSchema
  private let limits: ExampleLimits

  package init(_ schema: ExampleSchema, limits: ExampleLimits = ExampleLimits()) {
    self.schema = schema
    self.limits = limits
  }

  /// Reads a stored file; `name` is what its owner called it.
  ///
  /// - Throws: `ExampleProblems` with the first things that are wrong and how many there are.
  package func read(path: String, name: String) throws(ExampleProblems) -> ExampleSet {
    let source: FileSource
    do {
      source = try FileSource(path, byteCountMax: limits.fileBytes)
    } catch { throw ExampleProblems(.file, ExampleFault(error, in: "file")) }
    return try read(ByteStream(source), name: name)
  }

  /// Reads a file in memory; `name` is what its owner called it.
  ///
  /// - Throws: `ExampleProblems` with the first things that are wrong and how many there are.
  package func read(_ bytes: [UInt8], name: String) throws(ExampleProblems) -> ExampleSet {
    guard bytes.count <= limits.fileBytes else {
      throw ExampleProblems(
        .file,
        ExampleFault("file", expected: "at most \(limits.fileBytes) bytes", got: "\(bytes.count)")
      )
    }
    return try read(ByteStream(MemorySource(bytes)), name: name)
  }

  private func read(_ stream: ByteStream, name: String) throws(ExampleProblems) -> ExampleSet {
    var stream = stream
    var format = try Self.format(of: stream, name)
    if format == .gzip {
      do {
        stream = ByteStream(try GzipSource(stream, byteCountMax: limits.inflatedBytes))
      } catch { throw ExampleProblems(.file, ExampleFault(error, in: "gzip")) }
      format = try Self.format(of: stream, name)
    }
    var builder = ExampleBuilder(schema, limits: limits)
    switch format {
    case .jsonLines: try JSONLinesExamples.read(stream, into: &builder)
    case .csv: try CSVExamples.read(stream, into: &builder)
    case .npz: try NPZExamples.read(stream, into: &builder)
    case .tar: try TarExamples.read(stream, into: &builder)
    case .gzip:
      throw ExampleProblems(
        .file,
        ExampleFault("format", expected: "a file compressed once", got: "gzip inside gzip")
      )
    }
    return try builder.finished()
  }

  /// Tells the format of what the stream holds, behind a byte order mark, which is taken.
  private static func format(
    of stream: ByteStream,
    _ name: String
  ) throws(ExampleProblems) -> ExampleFileFormat {
    do {
      // Spreadsheets put one before the text.
      if try stream.peek(3).elementsEqual([0xEF, 0xBB, 0xBF]) { _ = try stream.take(3) }
      let head = try stream.peek(ExampleFileFormat.headByteCount)
      return try ExampleFileFormat(head, name: name)
    } catch { throw ExampleProblems(.file, ExampleFault(error, in: "format")) }
  }
}
