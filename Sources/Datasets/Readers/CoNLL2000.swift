package import Storage
import Tensors

/// The chunking corpus of CoNLL-2000 (Tjong Kim Sang and Buchholz): `word part-of-speech chunk` on each line, an empty line after each
/// sentence, in a zip file with `train.txt` and `test.txt`.
package enum CoNLL2000 {
  /// One sentence; the three have the same count.
  package struct Sentence: Sendable, Equatable {
    package let words: [String]
    package let partsOfSpeech: [String]
    /// `B-NP` where a chunk begins, `I-NP` inside of it, `O` outside of all.
    package let chunks: [String]
  }

  /// Bytes of the archive and of what it inflates to.
  package static let byteCountMax = 1 << 28

  /// Reads both parts of the archive at a path.
  ///
  /// - Throws: `FormatError` as `read(_:)`, and where the file cannot be read.
  package static func read(
    contentsOf path: String
  ) throws(FormatError) -> (training: [Sentence], test: [Sentence]) {
    let archive = try FileAccess.read(path, byteCountMax: byteCountMax)
    do {
      return try read(archive)
    } catch {
      throw FormatError(error.format, at: error.offset, "\(path): \(error.detail)")
    }
  }

  /// Reads both parts of an archive.
  ///
  /// - Throws: `FormatError` for a damaged archive, a missing part, or a line of other than three fields.
  package static func read(
    _ archive: [UInt8]
  ) throws(FormatError) -> (training: [Sentence], test: [Sentence]) {
    let files = try ZipReader.read(archive, byteCountMax: byteCountMax)
    func part(_ name: String) throws(FormatError) -> [Sentence] {
      guard let file = files.first(where: { $0.name.split(separator: "/").last == name[...] })
      else { throw FormatError("conll2000", "there is no file \(name)") }
      return try sentences(TextLines.read(file.bytes), name)
    }
    return (try part("train.txt"), try part("test.txt"))
  }

  private static func sentences(
    _ lines: [String],
    _ name: String
  ) throws(FormatError) -> [Sentence] {
    var sentences: [Sentence] = []
    var rows: [[Substring]] = []
    for (index, line) in (lines + [""]).enumerated() {
      guard !line.isEmpty else {
        if !rows.isEmpty {
          func column(_ number: Int) -> [String] { rows.map { String($0[number]) } }
          sentences.append(
            Sentence(words: column(0), partsOfSpeech: column(1), chunks: column(2))
          )
        }
        rows = []
        continue
      }
      let fields = line.split(separator: " ")
      guard fields.count == 3 else {
        throw FormatError(
          "conll2000",
          "\(name), line \(index + 1): \(fields.count) fields; expected word, part of speech, chunk"
        )
      }
      rows.append(fields)
    }
    return sentences
  }
}
