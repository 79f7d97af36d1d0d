import Testing

@testable import Datasets

@Suite struct WordTableTests {
  private func words(_ text: String, _ rule: WordRule = WordRule()) -> [String] {
    rule.pieces(of: text).map(\.text)
  }

  @Test(arguments: [
    ("", []),
    (" \t\n ", []),
    ("Don't stop.", ["Don't", "stop", "."]),
    (
      "a T-shirt - 3.5 or 1,000; at 12:30!",
      ["a", "T-shirt", "-", "3.5", "or", "1,000", ";", "at", "12:30", "!"]
    ),
    ("(\"Hi\", he said...)", ["(", "\"", "Hi", "\"", ",", "he", "said", ".", ".", ".", ")"]),
    ("Straße,Köln", ["Straße", ",", "Köln"]),
    ("5€", ["5", "€"]),
    ("x\u{A0}y", ["x", "y"]),
  ]) func cutsWordsAndPunctuation(text: String, expected: [String]) {
    #expect(words(text) == expected)
  }

  @Test func textOfSeparatedWordsIsCutAtSpacesOnly() {
    let rule = WordRule(splitsPunctuation: false)
    #expect(
      words("it 's n't j . r . , ok--fine", rule) == [
        "it", "'s", "n't", "j", ".", "r", ".", ",", "ok--fine",
      ]
    )
    let vocabulary = Vocabulary.words(in: ["it 's a ."], rule: rule)
    #expect(vocabulary.decode(vocabulary.encode("it 's a .").ids) == "it 's a .")
  }

  @Test(arguments: [
    "Hello, world!", "\"Quoted\" words, (so it seems): \"twice\".",
    "A man's T-shirt costs $5, or 50%.",
    "Ein Mann sagt: „Hallo“ - und geht…", "and/or", "dogs' tails", "one - two", "¿Qué?",
  ]) func printedTextComesBack(text: String) {
    let vocabulary = Vocabulary.words(in: [text], rule: WordRule())
    #expect(vocabulary.decode(vocabulary.encode(text).ids) == text)
  }

  @Test func lowerCaseAndDigits() {
    let rule = WordRule(isLowerCased: true, digits: .zero)
    let vocabulary = Vocabulary.words(in: ["The CAT, 1984"], rule: rule)
    let encoded = vocabulary.encode("the Cat 2021 ΔΟΣ")
    #expect(vocabulary.decode(encoded.ids.dropLast()) == "the cat 0000")
    #expect(encoded.unknown == [EncodedText.Unknown(position: 3, offset: 13, text: "ΔΟΣ")])
  }

  @Test func accentsAreFoundInBothForms() {
    let vocabulary = Vocabulary.words(in: ["caf\u{E9}"], rule: WordRule())
    #expect(vocabulary.encode("cafe\u{301}").ids == [4])
    // The same words in another form are another file.
    #expect(vocabulary != Vocabulary.words(in: ["cafe\u{301}"], rule: WordRule()))
  }

  @Test func theMostFrequentWordsComeFirst() {
    let texts = ["b b c", "a a c d", String(repeating: "x", count: 65)]
    let vocabulary = Vocabulary.words(in: texts, rule: WordRule(), countMax: 7)
    #expect((4..<vocabulary.count).map(vocabulary.text(of:)) == ["a", "b", "c"])
    let all = Vocabulary.words(in: texts, rule: WordRule())
    #expect(all.count == 8, "the word of 65 bytes stays out")
    #expect(Vocabulary.words(in: texts, rule: WordRule(), minimumCount: 2).count == 7)
  }

  @Test func unknownWordsAreReportedWithTheirPlace() {
    let vocabulary = Vocabulary.words(in: ["the dog"], rule: WordRule())
    let encoded = vocabulary.encode("the  naïve dog!")
    #expect(encoded.ids == [5, 1, 4, 1])
    #expect(
      encoded.unknown == [
        EncodedText.Unknown(position: 1, offset: 5, text: "naïve"),
        EncodedText.Unknown(position: 3, offset: 15, text: "!"),
      ]
    )
    #expect(vocabulary.decode(encoded.ids) == "the \u{FFFD} dog \u{FFFD}")
  }
}
