/// How text is cut into words.
///
/// White space separates words and is lost. Where `splitsPunctuation`, each character of punctuation or of symbols is a word of its
/// own, except inside a word: an apostrophe or hyphen between letters or digits (don't, T-shirt), and a full stop, comma or colon
/// between digits (3.5, 12:30). `WordSpacing` puts spaces back: text that is spaced as English and German print it, one space between
/// words, comes back unchanged where no word is unknown, lower-cased or has its digits replaced.
package struct WordRule: Sendable, Hashable {
  /// What happens to the digits 0 to 9.
  package enum Digits: String, Sendable, CaseIterable {
    case keep
    /// Each becomes 0: numbers of one length are one word, as in pre-trained vectors.
    case zero
  }

  package var isLowerCased: Bool
  /// False for text whose words are separated by spaces already, as in corpora.
  package var splitsPunctuation: Bool
  package var digits: Digits

  package init(
    isLowerCased: Bool = false,
    splitsPunctuation: Bool = true,
    digits: Digits = .keep
  ) {
    self.isLowerCased = isLowerCased
    self.splitsPunctuation = splitsPunctuation
    self.digits = digits
  }

  /// A word as it stands in the text.
  struct Piece: Equatable {
    let text: String
    /// Where it starts, in bytes of UTF-8.
    let offset: Int
  }

  /// The words of a text in their order, by the rule: what a vocabulary looks up.
  package func words(of text: String) -> [String] { pieces(of: text).map { normalised($0.text) } }

  /// The words of a text in their order, as they stand there.
  func pieces(of text: String) -> [Piece] {
    let scalars = Array(text.unicodeScalars)
    let classes = scalars.map { ScalarClass($0) }
    var pieces: [Piece] = []
    var word = String.UnicodeScalarView()
    var start = 0
    var offset = 0
    func closeWord() {
      guard !word.isEmpty else { return }
      pieces.append(Piece(text: String(word), offset: start))
      word = String.UnicodeScalarView()
    }
    for (index, scalar) in scalars.enumerated() {
      switch classes[index] {
      case .space:
        closeWord()
      case .punctuation where splitsPunctuation && !isInsideWord(index, scalars, classes):
        closeWord()
        pieces.append(Piece(text: String(scalar), offset: offset))
      default:
        if word.isEmpty { start = offset }
        word.append(scalar)
      }
      offset += UTF8.width(scalar)
    }
    closeWord()
    return pieces
  }

  /// The entry of the vocabulary for a word of the text.
  func normalised(_ word: String) -> String {
    let word = isLowerCased ? word.lowercased() : word
    guard digits == .zero, word.utf8.contains(where: { (0x30...0x39).contains($0) }) else {
      return word
    }
    return String(word.map { ("0"..."9").contains($0) && $0.isASCII ? "0" : $0 })
  }

  private func isInsideWord(
    _ index: Int,
    _ scalars: [Unicode.Scalar],
    _ classes: [ScalarClass]
  ) -> Bool {
    guard index > 0, index + 1 < scalars.count else { return false }
    let (before, after) = (classes[index - 1], classes[index + 1])
    switch scalars[index] {
    case "'", "\u{2019}", "-", "\u{2010}", "\u{2011}":
      return before.isPartOfWord && after.isPartOfWord
    case ".", ",", ":":
      return before == .digit && after == .digit
    default: return false
    }
  }
}

/// What a scalar is for the cutting of words.
private enum ScalarClass {
  case space, punctuation, digit, other

  var isPartOfWord: Bool { self == .digit || self == .other }

  init(_ scalar: Unicode.Scalar) {
    if scalar.isASCII {
      switch UInt8(truncatingIfNeeded: scalar.value) {
      case 0x09...0x0D, 0x20: self = .space
      case 0x30...0x39: self = .digit
      case 0x41...0x5A, 0x61...0x7A, 0...0x1F, 0x7F: self = .other
      default: self = .punctuation
      }
      return
    }
    if scalar.properties.isWhitespace {
      self = .space
      return
    }
    switch scalar.properties.generalCategory {
    case .decimalNumber: self = .digit
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol,
      .modifierSymbol, .otherSymbol:
      self = .punctuation
    default: self = .other
    }
  }
}
