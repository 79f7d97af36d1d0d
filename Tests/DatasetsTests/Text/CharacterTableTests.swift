import Datasets
import Testing

@Suite struct CharacterTableTests {
  @Test func charactersComeBackByteForByte() {
    // A decomposed accent, a family of joined emoji, and line ends stay as they are.
    let text = "e\u{301}é\r\n👩‍👩‍👧\t"
    let vocabulary = Vocabulary.characters(in: [text])
    let encoded = vocabulary.encode(text)
    #expect(encoded.unknown.isEmpty && encoded.ids.count == text.unicodeScalars.count)
    #expect(vocabulary.decode(encoded.ids).utf8.elementsEqual(text.utf8))
  }

  @Test func unknownCharactersAreReportedWithTheirPlace() {
    let vocabulary = Vocabulary.characters(in: ["abc"])
    let encoded = vocabulary.encode("aéb☃")
    #expect(encoded.ids == [4, 1, 5, 1])
    #expect(
      encoded.unknown == [
        EncodedText.Unknown(position: 1, offset: 1, text: "é"),
        EncodedText.Unknown(position: 3, offset: 4, text: "☃"),
      ]
    )
    #expect(vocabulary.decode(encoded.ids) == "a\u{FFFD}b\u{FFFD}")
  }

  @Test func theMostFrequentStayInTheOrderOfTheirCodePoints() {
    let vocabulary = Vocabulary.characters(in: ["zzz", "aab"], countMax: 6)
    #expect((4..<vocabulary.count).map(vocabulary.text(of:)) == ["a", "z"])
    let frequent = Vocabulary.characters(in: ["zzz", "aab"], minimumCount: 3)
    #expect(frequent.count == 5 && frequent.encode("z").ids == [4])
    #expect(Vocabulary.characters(in: ["ab"], countMax: 0).count == 4)
  }
}
