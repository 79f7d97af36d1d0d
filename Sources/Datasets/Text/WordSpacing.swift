/// Puts the spaces back between words, one word at a time: the inverse of `WordRule`.
///
/// Closing punctuation follows the word before it, opening punctuation precedes the word after it, quotation marks that look the same
/// on both sides open and close in turn.
struct WordSpacing: Sendable {
  private let isPrinted: Bool
  private var isFirst = true
  private var joinsNext = false
  private var isQuoteOpen = false

  /// Words that were separated by spaces only get one space between them.
  init(_ rule: WordRule) { isPrinted = rule.splitsPunctuation }

  private static let closing: Set<String> = [
    ".", ",", ";", ":", "!", "?", ")", "]", "}", "%", "'", "\u{2019}", "\u{201D}", "\u{2026}", "»",
    "°", "€", "\u{2122}", "®",
  ]
  private static let opening: Set<String> = [
    "(", "[", "{", "$", "£", "#", "¿", "¡", "«", "\u{201E}",
  ]
  private static let joining: Set<String> = ["/", "@", "_", "\\"]

  /// The word, after a space where one belongs before it.
  mutating func append(_ word: String) -> String {
    defer { isFirst = false }
    guard isPrinted else { return isFirst ? word : " " + word }
    var joinsBefore = joinsNext || isFirst
    joinsNext = false
    switch word {
    case "\"", "\u{201C}":
      if isQuoteOpen { joinsBefore = true } else { joinsNext = true }
      isQuoteOpen.toggle()
    case _ where Self.closing.contains(word):
      joinsBefore = true
      if word == "\u{201D}" { isQuoteOpen = false }
    case _ where Self.opening.contains(word):
      joinsNext = true
      if word == "\u{201E}" { isQuoteOpen = true }
    case _ where Self.joining.contains(word):
      joinsBefore = true
      joinsNext = true
    default: break
    }
    return joinsBefore ? word : " " + word
  }
}
