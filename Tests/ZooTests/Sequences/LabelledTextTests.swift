import Datasets
import Tensors
import Testing
import Training
import Zoo

@Suite struct LabelledTextTests {
  private let vocabulary = Vocabulary.words(
    in: ["good good film", "bad bad film"],
    rule: WordRule()
  )

  private func texts(_ texts: [String], _ labels: [Int64]) -> LabelledTexts {
    LabelledTexts(texts, labels: labels, vocabulary, lengthMax: 3)
  }

  @Test func longTextsAreCutAndEmptyOnesAreUnknown() {
    let film = vocabulary.encode("film").ids.map { Int32($0) }
    let made = texts(["film film film film", ""], [1, 0])
    #expect(made.tokens == [film + film + film, [Int32(Vocabulary.unknown)]])
  }

  @Test func theRatioIsThatOfNaiveBayes() throws {
    let ratio = LogCountRatio(
      texts(["good good film", "bad film", "good"], [1, 0, 1]),
      tokenCount: vocabulary.count
    )
    func value(_ word: String) -> Float { ratio.values[vocabulary.encode(word).ids[0]] }
    // Class 1 has good in 2 texts and film in 1, class 0 has bad and film in 1: with 1 added to each, sums are 6 and 5.
    #expect(abs(value("good") - 0.916_290_7) < 1e-5)  // log(3/6) - log(1/5)
    #expect(abs(value("film") - -0.182_321_6) < 1e-5)  // log(2/6) - log(2/5)
    #expect(abs(value("bad") - -0.875_468_7) < 1e-5)  // log(1/6) - log(2/5)
    #expect(ratio.values.prefix(4) == [0, 0, 0, 0])
    let vectors = ratio.vectors(size: 3, width: 1, scale: 2, seed: 1)
    let rows = vectors.elements(of: Float.self)
    #expect(vectors.shape == [vocabulary.count, 3])
    for (index, ratio) in ratio.values.enumerated() {
      #expect(rows[3 * index] == 2 * ratio)
      #expect(rows[3 * index + 1...3 * index + 2].allSatisfy { abs($0) <= 0.1 })
    }
  }

  @Test func labelsOfWordsStandAtTheirFirstTokens() throws {
    let pairs = Vocabulary.bytePairs(in: [" a a a"], countMax: 270)
    let pieces = WordPieces(["a", "bcd", "a"], pairs)
    #expect(pieces.starts == [0, 1, 5])
    let words = LabelledWords([pieces], labels: [[0, 2, 1]], auxiliaryLabels: [[4, 5, 6]])
    let batches = try words.batches(size: 2, seed: nil)
    let batch = batches.batches(inPass: 0)[0]
    #expect(batch.weight == 3)
    func column(_ number: Int) throws -> [Int64] {
      var values = [Int64](repeating: -1, count: 8)
      try values.withUnsafeMutableBytes { try batches.copy(batch, column: number, to: $0) }
      return values
    }
    #expect(try column(2) == [1, 3, 0, 0, 0, 2, 0, 0])
    #expect(try column(3) == [5, 6, 0, 0, 0, 7, 0, 0])
  }
}
