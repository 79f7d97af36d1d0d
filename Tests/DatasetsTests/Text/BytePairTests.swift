import TestSupport
import Testing

@testable import Datasets

@Suite struct BytePairTests {
  private static let corpus = [
    "low low low low low", "lower lower", "newest newest newest newest newest newest",
    "widest widest widest",
  ]

  @Test func learnsTheMergesOfThePaper() {
    // Sennrich et al. 2016, figure 1: e s, es t, then l o, lo w (here without their end-of-word mark; ties go to lower ids).
    let vocabulary = Vocabulary.bytePairs(
      in: Self.corpus.map { $0.replacing(" ", with: "\n") },
      countMax: 260 + 4
    )
    let learned = (260..<264).map(vocabulary.text(of:))
    #expect(learned == ["es", "est", "lo", "low"])
    #expect(vocabulary.encode("lowest").ids.map(vocabulary.text(of:)) == ["low", "est"])
  }

  @Test func learningIsTheSameInAnyOrderAndEqualToTheObviousWay() {
    let texts =
      Self.corpus + [
        "the slowest owl lows; 2,000 widows wove. Größe, größer: süß ßß ßßß", "aaaa aaa aaaaaaa",
      ]
    let vocabulary = Vocabulary.bytePairs(in: texts, countMax: 330)
    #expect(vocabulary == Vocabulary.bytePairs(in: texts.reversed(), countMax: 330))
    guard case .bytePairs(let table) = vocabulary.table else { return }
    #expect(table.merges == Self.obviousMerges(texts, count: 70))
  }

  /// Counts everything anew for each merge.
  private static func obviousMerges(_ texts: [String], count: Int) -> [BytePairTable.Pair] {
    var pieces = texts.flatMap { Array(BytePieces(Array($0.utf8))) }.map { $0.map { Int($0) + 4 } }
    var merges: [BytePairTable.Pair] = []
    while merges.count < count {
      var counts: [BytePairTable.Pair: Int] = [:]
      for piece in pieces {
        for (left, right) in zip(piece, piece.dropFirst()) {
          counts[BytePairTable.Pair(left: left, right: right), default: 0] += 1
        }
      }
      let best = counts.min {
        ($1.value, $0.key.left, $0.key.right) < ($0.value, $1.key.left, $1.key.right)
      }
      guard let best, best.value >= 2 else { break }
      pieces = pieces.map { BytePairTable.join(best.key, 260 + merges.count, in: $0) }
      merges.append(best.key)
    }
    return merges
  }

  @Test func everyTextComesBack() {
    let vocabulary = Vocabulary.bytePairs(in: Self.corpus, countMax: 280)
    var mutator = Mutator(seed: 2)
    for text in Self.corpus + ["", "  \n x  y ", "日本語 🥐\0", String(repeating: "a", count: 1000)] {
      #expect(vocabulary.decode(vocabulary.encode(text).ids) == text)
      for _ in 0..<50 {
        let other = String(decoding: mutator.mutate(Array(text.utf8)), as: UTF8.self)
        #expect(vocabulary.decode(vocabulary.encode(other).ids) == other)
        #expect(vocabulary.encode(other).unknown.isEmpty)
      }
    }
  }

  @Test(arguments: [
    ("the dog's 42nd  bone!?", ["the", " dog", "'", "s", " 4", "2", "nd", " ", " bone", "!?"]),
    ("a \n b", ["a", " \n", " b"]),
    ("  ", ["  "]),
    ("x ", ["x", " "]),
    ("Größe", ["Größe"]),
  ]) func pieces(text: String, expected: [String]) {
    #expect(BytePieces(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) } == expected)
  }

  @Test func piecesAreBounded() {
    for text in [String(repeating: "a", count: 300), String(repeating: " ", count: 300) + "b"] {
      let pieces = Array(BytePieces(Array(text.utf8)))
      #expect(pieces.allSatisfy { (1...64).contains($0.count) })
      #expect(pieces.flatMap { $0 } == Array(text.utf8))
    }
  }

  @Test func charactersInPiecesWaitUntilTheyAreComplete() {
    let vocabulary = Vocabulary.bytePairs(in: [], countMax: 260)
    var decoder = TextDecoder(vocabulary)
    let pieces = vocabulary.encode("aé🥐").ids.map { decoder.append($0) }
    #expect(pieces == ["a", "", "é", "", "", "", "🥐"])
    #expect(decoder.finish() == "")
    // A start without its rest: replaced when something else comes, or at the end.
    #expect(decoder.append(4 + 0xF0) == "" && decoder.append(4 + 0x61) == "\u{FFFD}a")
    #expect(decoder.append(4 + 0xE2) == "" && decoder.append(4 + 0x82) == "")
    #expect(decoder.finish() == "\u{FFFD}")
    #expect(decoder.append(4 + 0x80) == "\u{FFFD}")
  }
}
