package import Storage
import Tensors

/// The lines of a text file, plain or gzip-compressed.
package enum TextLines {
  /// How bytes are read as characters.
  package enum Encoding: Sendable {
    case utf8
    /// ISO 8859-1: each byte is the character of that number.
    case latin1
  }

  /// Bytes of one file, before and after inflation.
  package static let byteCountMax = 1 << 30
  /// Bytes of one line.
  package static let lineByteCountMax = 1 << 20

  /// Reads `path`, or `path` with `.gz` behind it where only that exists.
  ///
  /// Lines end with LF or CR LF; a last line without an end counts.
  ///
  /// - Throws: `FormatError` for a file that is missing, damaged or too large, a line of more than `lineByteCountMax` bytes, or one that
  ///   is not UTF-8 where it should be (with its number).
  package static func read(
    contentsOf path: String,
    encoding: Encoding = .utf8
  ) throws(FormatError) -> [String] {
    let actual = FileAccess.exists(path) ? path : path + ".gz"
    let file = try FileAccess.read(actual, byteCountMax: byteCountMax)
    do {
      return try read(file, encoding: encoding)
    } catch {
      throw FormatError(error.format, at: error.offset, "\(actual): \(error.detail)")
    }
  }

  /// The lines of a file's bytes.
  ///
  /// - Throws: As `read(contentsOf:encoding:)`.
  package static func read(
    _ file: [UInt8],
    encoding: Encoding = .utf8
  ) throws(FormatError) -> [String] {
    let isCompressed = file.starts(with: [0x1F, 0x8B])
    let bytes =
      isCompressed ? try Deflate.inflate(file[...], .gzip, byteCountMax: byteCountMax) : file
    let stream = ByteStream(MemorySource(bytes))
    var lines: [String] = []
    while let line = try stream.nextLine(byteCountMax: lineByteCountMax) {
      switch encoding {
      case .utf8:
        guard let text = String(validating: line, as: UTF8.self) else {
          throw FormatError("text", "line \(lines.count + 1) is not UTF-8")
        }
        lines.append(text)
      case .latin1:
        var text = String.UnicodeScalarView()
        for byte in line { text.append(Unicode.Scalar(byte)) }
        lines.append(String(text))
      }
    }
    return lines
  }
}
