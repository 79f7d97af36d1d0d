package import Storage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Vocabulary {
  /// The version of the file's format that is read and written.
  package static let formatVersion = 1

  /// Reads a vocabulary's file.
  ///
  /// - Throws: `FormatError` naming the key that is missing, unknown or has an impossible value, and what may stand there.
  package static func read(_ bytes: [UInt8]) throws(FormatError) -> Vocabulary {
    guard bytes.count <= fileByteCountMax else {
      throw refuse("\(bytes.count) bytes; at most \(fileByteCountMax)")
    }
    let document: VocabularyDocument
    do {
      document = try JSONDecoder().decode(VocabularyDocument.self, from: Data(bytes))
    } catch let error as DecodingError {
      throw FormatError("vocabulary", decoding: error)
    } catch { throw refuse("\(error)") }
    return try vocabulary(document)
  }

  /// Reads a vocabulary from its file's path.
  ///
  /// - Throws: `FormatError` as `read(_:)`, and where the file cannot be read.
  package static func read(contentsOf path: String) throws(FormatError) -> Vocabulary {
    try read(FileAccess.read(path, byteCountMax: fileByteCountMax))
  }

  /// The vocabulary's file; equal vocabularies give equal bytes.
  ///
  /// - Throws: `FormatError` for a file of more than `fileByteCountMax` bytes.
  package func json() throws(FormatError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let bytes: [UInt8]
    do {
      bytes = Array(try encoder.encode(VocabularyDocument(self))) + [0x0A]
    } catch { throw Self.refuse("\(error)") }
    guard bytes.count <= Self.fileByteCountMax else {
      throw Self.refuse("\(bytes.count) bytes; at most \(Self.fileByteCountMax)")
    }
    return bytes
  }

  private static func refuse(_ detail: String) -> FormatError { FormatError("vocabulary", detail) }

  private static func vocabulary(
    _ document: VocabularyDocument
  ) throws(FormatError) -> Vocabulary {
    guard document.special == .fixed else {
      throw refuse(
        "'special' must be padding \(padding), unknown \(unknown), start \(start), end \(end)"
      )
    }
    guard let kind = Kind(rawValue: document.kind) else {
      let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw refuse("'kind' is '\(document.kind)'; known are \(known)")
    }
    for (key, isPresent, owner) in [
      ("tokens", document.tokens != nil, kind != .bytePairs),
      ("words", document.words != nil, kind == .words),
      ("merges", document.merges != nil, kind == .bytePairs),
    ] where isPresent != owner {
      throw refuse("kind '\(kind.rawValue)' \(owner ? "needs" : "has no") key '\(key)'")
    }
    return switch kind {
    case .characters: Vocabulary(.characters(try characterTable(document.tokens ?? [])))
    case .words: Vocabulary(.words(try wordTable(document)))
    case .bytePairs: Vocabulary(.bytePairs(try bytePairTable(document.merges ?? [])))
    }
  }

  private static func characterTable(_ tokens: [String]) throws(FormatError) -> CharacterTable {
    try checkCount(tokens.count, "tokens", besides: specialCount)
    var scalars: [Unicode.Scalar] = []
    var seen: Set<Unicode.Scalar> = []
    for (index, token) in tokens.enumerated() {
      let parts = token.unicodeScalars
      guard let scalar = parts.first, parts.count == 1 else {
        throw refuse("'tokens.\(index)' has \(parts.count) Unicode scalars; each token has one")
      }
      guard seen.insert(scalar).inserted else {
        throw refuse("'tokens.\(index)' '\(token)' comes twice")
      }
      scalars.append(scalar)
    }
    return CharacterTable(scalars)
  }

  private static func wordTable(_ document: VocabularyDocument) throws(FormatError) -> WordTable {
    let tokens = document.tokens ?? []
    try checkCount(tokens.count, "tokens", besides: specialCount)
    guard let words = document.words, let digits = WordRule.Digits(rawValue: words.digits) else {
      let known = WordRule.Digits.allCases.map(\.rawValue).joined(separator: ", ")
      throw refuse("'words.digits' is '\(document.words?.digits ?? "")'; known are \(known)")
    }
    var seen: Set<String> = []
    for (index, token) in tokens.enumerated() {
      guard (1...tokenByteCountMax).contains(token.utf8.count) else {
        throw refuse(
          "'tokens.\(index)' has \(token.utf8.count) bytes; a token has 1 to \(tokenByteCountMax)"
        )
      }
      guard seen.insert(token).inserted else {
        throw refuse("'tokens.\(index)' '\(token)' comes twice")
      }
    }
    return WordTable(
      WordRule(
        isLowerCased: words.lowerCase,
        splitsPunctuation: words.splitPunctuation,
        digits: digits
      ),
      tokens
    )
  }

  private static func bytePairTable(_ merges: [[Int]]) throws(FormatError) -> BytePairTable {
    try checkCount(merges.count, "merges", besides: BytePairTable.firstMerge)
    var pairs: [BytePairTable.Pair] = []
    pairs.reserveCapacity(merges.count)
    for (index, merge) in merges.enumerated() {
      guard merge.count == 2 else {
        throw refuse("'merges.\(index)' has \(merge.count) ids; a merge joins 2")
      }
      pairs.append(BytePairTable.Pair(left: merge[0], right: merge[1]))
    }
    if let problem = BytePairTable.problem(in: pairs) {
      throw refuse("'merges.\(problem.merge)' \(problem.detail)")
    }
    return BytePairTable(pairs)
  }

  private static func checkCount(
    _ count: Int,
    _ key: String,
    besides others: Int
  ) throws(FormatError) {
    guard count <= tokenCountMax - others else {
      throw refuse("'\(key)' has \(count) entries; at most \(tokenCountMax - others)")
    }
  }
}
