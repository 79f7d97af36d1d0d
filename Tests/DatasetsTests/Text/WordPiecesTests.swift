import Datasets
import Testing

@Suite struct WordPiecesTests {
  private let vocabulary = Vocabulary.bytePairs(
    in: [" low low low lower lower newest"],
    countMax: 270
  )

  @Test func everyWordIsEncodedByItselfAfterASpace() {
    let pieces = WordPieces(["low", "lowest", "x"], vocabulary)
    let parts = ["low", "lowest", "x"].map { vocabulary.encode(" " + $0).ids }
    #expect(pieces.ids == parts.flatMap { $0 })
    #expect(pieces.starts == [0, parts[0].count, parts[0].count + parts[1].count])
    #expect(vocabulary.decode(pieces.ids) == " low lowest x")
    #expect(parts[1].count > 1)
  }

  @Test func whiteSpaceSeparatesTheWordsOfAText() {
    let pieces = WordPieces(of: "  low\tlower,\n\u{A0}x ", vocabulary)
    #expect(pieces == WordPieces(["low", "lower,", "x"], vocabulary))
    #expect(WordPieces(of: " \n", vocabulary).ids.isEmpty)
  }
}
