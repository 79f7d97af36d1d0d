package import Storage

/// A sentence in one language and what it is in another.
package struct SentencePair: Sendable, Equatable {
  package let source: String
  package let target: String

  package init(source: String, target: String) {
    self.source = source
    self.target = target
  }
}

/// Multi30k: descriptions of pictures in several languages, one file for each language, aligned by line.
///
/// Elliott, Frank, Sima'an, Specia: Multi30K, multilingual English-German image descriptions, 2016.
package enum Multi30k {
  /// A part of the corpus, by the name of its files.
  package enum Part: String, Sendable, CaseIterable {
    case training = "train"
    case validation = "val"
    case test2016 = "test_2016_flickr"
    case test2017 = "test_2017_flickr"
    case testCOCO = "test_2017_mscoco"
  }

  /// Reads `<folder>/<part>.<language>`, compressed or not, for both languages (`en`, `de`, `fr`).
  ///
  /// - Throws: `FormatError` where a file cannot be read or the two have different numbers of lines.
  package static func read(
    _ part: Part,
    in folder: String,
    source: String,
    target: String
  ) throws(FormatError) -> [SentencePair] {
    let sources = try TextLines.read(contentsOf: "\(folder)/\(part.rawValue).\(source)")
    let targets = try TextLines.read(contentsOf: "\(folder)/\(part.rawValue).\(target)")
    guard sources.count == targets.count else {
      throw FormatError(
        "multi30k",
        "\(folder)/\(part.rawValue): \(sources.count) lines of \(source), "
          + "\(targets.count) of \(target)"
      )
    }
    return zip(sources, targets).map { SentencePair(source: $0, target: $1) }
  }
}

/// Pairs of short sentences, as exported from tatoeba.org: one pair on a line, separated by a tab.
package enum Tatoeba {
  /// Reads the pairs of a file, plain or compressed.
  ///
  /// - Throws: `FormatError` as `pairs(_:)`, and where the file cannot be read.
  package static func read(contentsOf path: String) throws(FormatError) -> [SentencePair] {
    let lines = try TextLines.read(contentsOf: path)
    do {
      return try pairs(lines)
    } catch { throw FormatError(error.format, at: error.offset, "\(path): \(error.detail)") }
  }

  /// The pairs of some lines; a first line of two numbers is a header and left out, and so is what follows a second tab.
  ///
  /// - Throws: `FormatError` naming a line without a tab.
  package static func pairs(_ lines: [String]) throws(FormatError) -> [SentencePair] {
    var pairs: [SentencePair] = []
    for (index, line) in lines.enumerated() {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count >= 2 else {
        throw FormatError("tatoeba", "line \(index + 1): no tab between two sentences")
      }
      if index == 0, Int(fields[0]) != nil, Int(fields[1]) != nil { continue }
      pairs.append(SentencePair(source: String(fields[0]), target: String(fields[1])))
    }
    return pairs
  }
}
