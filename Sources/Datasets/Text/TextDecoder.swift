/// Turns ids into text one at a time, for streams.
///
/// Every piece is valid text: bytes of a character that is not complete yet wait for the next token.
package struct TextDecoder: Sendable {
  private let vocabulary: Vocabulary
  private var spacing: WordSpacing
  /// The first bytes of a character whose last bytes have not come.
  private var waiting: [UInt8] = []

  package init(_ vocabulary: Vocabulary) {
    self.vocabulary = vocabulary
    var rule = WordRule()
    if case .words(let table) = vocabulary.table { rule = table.rule }
    spacing = WordSpacing(rule)
  }

  /// The text that a token adds; empty for padding, start, end and for a part of a character.
  package mutating func append(_ id: Int) -> String {
    switch id {
    case Vocabulary.padding, Vocabulary.start, Vocabulary.end: return ""
    default: break
    }
    let index = id - Vocabulary.specialCount
    guard id >= Vocabulary.specialCount, id < vocabulary.count else {
      return finish() + unknown()
    }
    switch vocabulary.table {
    case .characters(let table): return String(table.scalars[index])
    case .words(let table): return spacing.append(table.words[index])
    case .bytePairs(let table):
      waiting += table.tokens[index]
      let complete = waiting.count - Self.unfinishedByteCount(waiting)
      guard complete > 0 else { return "" }
      let text = String(decoding: waiting[..<complete], as: UTF8.self)
      waiting.removeFirst(complete)
      return text
    }
  }

  /// What is left at the end of the text: `Vocabulary.unknownText` where its last character is not complete.
  package mutating func finish() -> String {
    defer { waiting = [] }
    return String(decoding: waiting, as: UTF8.self)
  }

  private mutating func unknown() -> String {
    if case .words = vocabulary.table { return spacing.append(Vocabulary.unknownText) }
    return Vocabulary.unknownText
  }

  /// How many bytes at the end are the start of a character that needs more of them.
  static func unfinishedByteCount(_ bytes: [UInt8]) -> Int {
    for count in 1...3 where count <= bytes.count {
      let byte = bytes[bytes.count - count]
      if byte & 0xC0 == 0x80 { continue }
      let needed =
        switch byte {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
      return needed > count ? count : 0
    }
    return 0
  }
}
