/// The tokens of a model and how text becomes tokens and text again: a tokeniser as one value.
///
/// Three kinds: characters (Unicode scalars), words, and byte pairs. The first four ids are the same in each: padding, unknown, start
/// and end. A model carries its vocabularies as files beside `model.json`; see `json()`.
package struct Vocabulary: Sendable, Equatable {
  /// Fills the rows of a batch behind their ends.
  package static let padding = 0
  /// Stands for text that the vocabulary does not have; byte pairs never need it.
  package static let unknown = 1
  /// Comes before the first token of a generated text.
  package static let start = 2
  /// Comes after the last token of a text.
  package static let end = 3
  /// Ids below this one stand for no text of their own.
  package static let specialCount = 4
  /// What an unknown token becomes in text: U+FFFD, the Unicode replacement character.
  package static let unknownText = "\u{FFFD}"

  /// Tokens of one vocabulary, the special ones included.
  package static let tokenCountMax = 1 << 18
  /// UTF-8 bytes of one token.
  package static let tokenByteCountMax = 64
  /// Bytes of a vocabulary's file.
  package static let fileByteCountMax = 1 << 25

  /// How text is cut into tokens.
  package enum Kind: String, Sendable, CaseIterable {
    /// Unicode scalars: decoding gives the same bytes back, and any piece of the output is valid text. (Grapheme clusters would
    /// depend on the version of Unicode.)
    case characters
    /// Words by a `WordRule`.
    case words
    /// Learned pairs of bytes: nothing is unknown.
    case bytePairs = "byte-pairs"
  }

  enum Table: Sendable, Equatable {
    case characters(CharacterTable)
    case words(WordTable)
    case bytePairs(BytePairTable)
  }

  let table: Table

  init(_ table: Table) { self.table = table }

  package var kind: Kind {
    switch table {
    case .characters: .characters
    case .words: .words
    case .bytePairs: .bytePairs
    }
  }

  /// Number of tokens, the special ones included: the classes of a model's logits.
  package var count: Int {
    switch table {
    case .characters(let table): Self.specialCount + table.scalars.count
    case .words(let table): Self.specialCount + table.words.count
    case .bytePairs(let table): Self.specialCount + table.tokens.count
    }
  }

  /// The ids of a text, without start and end, and what of it is unknown.
  ///
  /// Takes time in proportion to the text.
  package func encode(_ text: String) -> EncodedText {
    switch table {
    case .characters(let table): table.encode(text)
    case .words(let table): table.encode(text)
    case .bytePairs(let table): EncodedText(ids: table.encode(text), unknown: [])
    }
  }

  /// The text of some ids: what `TextDecoder` gives piece by piece.
  ///
  /// Padding, start and end become nothing; unknown and ids outside of the vocabulary become `unknownText`. `decode(encode(t).ids)` is
  /// `t` for byte pairs, for characters where none is unknown, and for words where `WordRule` says so.
  package func decode(_ ids: [Int]) -> String {
    var decoder = TextDecoder(self)
    var text = ""
    for id in ids { text += decoder.append(id) }
    return text + decoder.finish()
  }

  /// The text of one token by itself, for tables and replies; a special token's name in angle brackets.
  ///
  /// A byte-pair token that is only a part of a character shows as `unknownText`.
  package func text(of id: Int) -> String {
    switch id {
    case Self.padding: return "<padding>"
    case Self.unknown: return "<unknown>"
    case Self.start: return "<start>"
    case Self.end: return "<end>"
    case Self.specialCount..<count: break
    default: return Self.unknownText
    }
    let index = id - Self.specialCount
    return switch table {
    case .characters(let table): String(table.scalars[index])
    case .words(let table): table.words[index]
    case .bytePairs(let table): String(decoding: table.tokens[index], as: UTF8.self)
    }
  }
}
