import Testing
import Training

@Suite struct TextMetricsTests {
  private func words(_ text: String) -> [Substring] { text.split(separator: " ") }

  @Test(arguments: TextMetricFixtures.bleu) func bleuEqualsSacrebleu(
    fixture: TextMetricFixtures.BLEUCase
  ) {
    var bleu = BLEU()
    for (candidate, references) in zip(fixture.candidates, fixture.references) {
      bleu.add(candidate: words(candidate), references: references.map(words))
    }
    for order in 1...4 {
      #expect(abs(bleu.score(order: order) - fixture.scores[order - 1]) < 1e-9)
    }
  }

  @Test func bleuOfThePaperClipsRepeatedWords() {
    var bleu = BLEU()
    bleu.add(
      candidate: words("the the the the the the the"),
      references: ["the cat is on the mat", "there is a cat on the mat"].map(words)
    )
    #expect(abs(bleu.score(order: 1) - 2.0 / 7) < 1e-12 && bleu.score() == 0)
    #expect(bleu.brevityPenalty == 1, "the reference of 7 words is the closest")
  }

  @Test func bleuOfNothingIsZeroAndOfTheReferenceOne() {
    #expect(BLEU().score() == 0)
    var empty = BLEU()
    empty.add(candidate: [String](), references: [["a"]])
    empty.add(candidate: ["a"], references: [])
    #expect(empty.score(order: 1) == 0)
    var same = BLEU()
    same.add(candidate: [1, 2, 3, 4], references: [[1, 2, 3, 4], [9]])
    #expect(same.score() == 1)
  }

  @Test func chunksEqualSeqeval() {
    var score = ChunkScore()
    for (truth, prediction) in zip(TextMetricFixtures.truth, TextMetricFixtures.prediction) {
      score.add(
        truth: words(truth).map(String.init),
        prediction: words(prediction).map(String.init)
      )
    }
    let macro = score.types.values.reduce(0) { $0 + $1.f1 } / Double(score.types.count)
    let overall = score.overall
    let numbers = [overall.precision, overall.recall, overall.f1, score.accuracy, macro]
    for (number, expected) in zip(numbers, TextMetricFixtures.chunks) {
      #expect(abs(number - expected) < 1e-12)
    }
  }

  @Test func chunksBeginAtBAndAtAnotherType() {
    var score = ChunkScore()
    // Truth: NP 0-1, NP 2, VP 3. An I alone begins a chunk; I-VP behind I-NP begins another.
    score.add(
      truth: ["B-NP", "I-NP", "B-NP", "B-VP", "O"],
      prediction: ["I-NP", "I-NP", "I-NP", "I-VP", "O"]
    )
    #expect(score.types["NP"]?.expected == 2 && score.types["NP"]?.predicted == 1)
    #expect(score.types["NP"]?.correct == 0 && score.types["VP"]?.f1 == 1)
    #expect(ChunkScore().overall.f1 == 0)
  }

  @Test func macroF1EqualsScikitLearn() {
    var matrix = ConfusionMatrix(classCount: 7)
    #expect(matrix.macroF1 == nil)
    for (truth, prediction) in zip(TextMetricFixtures.classes, TextMetricFixtures.predictedClasses)
    {
      matrix.add(truth: truth, prediction: prediction)
    }
    // Two classes never occur; they do not count.
    #expect(abs((matrix.macroF1 ?? 0) - TextMetricFixtures.macroF1) < 1e-12)
  }

  @Test func perplexityAndExactMatch() {
    #expect(abs(SequenceScore.perplexity(nats: 1.3862943611198906) - 4) < 1e-12)
    #expect(SequenceScore.exactMatch(["a", "b", "c"], ["a", "x", "c"]) == 2.0 / 3)
    #expect(SequenceScore.exactMatch([[1, 2]], [[1]]) == 0)
    #expect(SequenceScore.exactMatch([Int](), []) == nil)
    #expect(SequenceScore.exactMatch([1], []) == nil)
  }
}
