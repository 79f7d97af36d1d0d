package import Storage

/// Tiny Shakespeare (Karpathy 2015): one megabyte of plays as one text.
package enum TinyShakespeare {
  /// Bytes of the file.
  package static let byteCountMax = 1 << 26

  /// Reads a text and divides it: the last tenth of its characters is for validation, as its users do since the first.
  ///
  /// - Throws: `FormatError` where the file cannot be read or is not UTF-8.
  package static func read(
    contentsOf path: String
  ) throws(FormatError) -> (training: String, validation: String) {
    let bytes = try FileAccess.read(path, byteCountMax: byteCountMax)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw FormatError("text", "\(path) is not UTF-8")
    }
    let scalars = text.unicodeScalars
    let cut = scalars.index(scalars.startIndex, offsetBy: scalars.count * 9 / 10)
    return (String(scalars[..<cut]), String(scalars[cut...]))
  }
}
