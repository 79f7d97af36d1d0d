package import Datasets
package import Storage

extension ModelFolder {
  /// The name under which a vocabulary is written.
  static func vocabularyFile(_ side: ModelManifest.TextSide) -> String {
    "\(side.rawValue)-vocabulary.json"
  }

  /// The bytes of a vocabulary file, compared with the manifest's digest; `nil` where the model has none.
  ///
  /// - Throws: `FormatError` for a file that is missing, too large, or not the one the manifest describes (naming both digests).
  package func vocabularyBytes(_ side: ModelManifest.TextSide) throws(FormatError) -> [UInt8]? {
    guard let entry = manifest.text?[side] else { return nil }
    return try bytes(
      of: entry.file,
      sha256: entry.sha256,
      byteCountMax: Vocabulary.fileByteCountMax
    )
  }

  /// A vocabulary of the model; `nil` where it has none.
  ///
  /// - Throws: As `vocabularyBytes(_:)`, and for a file that is no vocabulary.
  package func vocabulary(_ side: ModelManifest.TextSide) throws(FormatError) -> Vocabulary? {
    guard let bytes = try vocabularyBytes(side) else { return nil }
    return try Vocabulary.read(bytes)
  }

  /// The bytes of every vocabulary, by side: what a version that is derived from this one is written with.
  ///
  /// - Throws: As `vocabularyBytes(_:)`.
  package func vocabularies() throws(FormatError) -> [ModelManifest.TextSide: [UInt8]] {
    var all: [ModelManifest.TextSide: [UInt8]] = [:]
    for side in ModelManifest.TextSide.allCases { all[side] = try vocabularyBytes(side) }
    return all
  }
}
