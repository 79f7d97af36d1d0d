import Datasets
import Testing

@Suite struct StratifiedSplitTests {
  private func split(_ classes: [Int64], _ fraction: Double, seed: UInt64 = 1) -> Split {
    Split(classes: classes, classCount: 4, validationFraction: fraction, seed: seed)
  }

  private func counts(_ positions: [Int], _ classes: [Int64]) -> [Int] {
    (0..<4).map { label in positions.count { classes[$0] == label } }
  }

  @Test func classesKeepTheirShares() {
    let classes = (0..<100).map { Int64($0 < 60 ? 0 : $0 < 90 ? 1 : 3) }
    let result = split(classes, 0.2)
    #expect(counts(result.validation, classes) == [12, 6, 0, 2])
    #expect((result.training + result.validation).sorted() == Array(0..<100))
    #expect(result == split(classes, 0.2))
    #expect(result != split(classes, 0.2, seed: 2))
    // Classes are mixed.
    #expect(result.training != result.training.sorted { classes[$0] < classes[$1] })
  }

  @Test func remaindersGoToTheClassesThatLostMost() {
    // Shares 1.5, 1.2 and 0.3 of 3 in all.
    let classes: [Int64] = [0, 0, 0, 0, 0, 1, 1, 1, 1, 2]
    #expect(counts(split(classes, 0.3).validation, classes) == [2, 1, 0, 0])
  }

  @Test func everyClassKeepsAnExampleForTraining() {
    let classes: [Int64] = [0, 1, 1, 2, 2, 2]
    #expect(counts(split(classes, 0.9).training, classes) == [1, 1, 1, 0])
  }

  @Test(arguments: [(-1.0, 0), (0, 0), (.nan, 0), (1, 6), (2, 6)] as [(Double, Int)])
  func endsOfTheFraction(fraction: Double, count: Int) {
    #expect(split([0, 1, 1, 2, 2, 2], fraction).validation.count == count)
    #expect(split([], fraction).validation.isEmpty)
  }
}
