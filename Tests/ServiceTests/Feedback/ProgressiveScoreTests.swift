import Testing

@testable import Service

@Suite struct ProgressiveScoreTests {
  @Test func nothingHasNoMean() {
    let score = ProgressiveScore()
    #expect(score.mean == nil)
    #expect(score.windows.isEmpty)
  }

  @Test(arguments: [1, 50, 100, 101, 999, 1000, 1001, 2500]) func windowsAreTheNewest(count: Int) {
    var score = ProgressiveScore()
    let outcomes = (0..<count).map { Double($0 * 7 % 5 == 0 ? 1 : 0) }
    for outcome in outcomes { score.add(outcome) }
    func mean(_ part: ArraySlice<Double>) -> Double { part.reduce(0, +) / Double(part.count) }
    #expect(score.mean == mean(outcomes[...]))
    #expect(score.mean(newest: 100) == mean(outcomes.suffix(100)))
    #expect(score.mean(newest: 1000) == mean(outcomes.suffix(1000)))
  }

  @Test func aResumedScoreHasWindowsOfWhatFollows() {
    var score = ProgressiveScore(count: 10, sum: 9)
    #expect(score.mean(newest: 100) == nil)
    score.add(0)
    #expect(score.mean == 9.0 / 11)
    #expect(score.mean(newest: 100) == 0)
  }

  @Test func onlyTheNewestVersionsHaveScores() {
    var scores = ScoresByVersion()
    for version in 1...150 { scores.add(1, version: version) }
    #expect(scores.versions.count == 100)
    #expect(scores.versions.keys.min() == 51)
    #expect(scores.all.count == 150)
    #expect(ScoresByVersion(scores.json)?.versions.count == 100)
  }

  @Test func anErrorThatIsNoNumberIsLeftOut() {
    var statistics = FeedbackStatistics()
    statistics.add(FeedbackFixtures.record(predicted: .values([.nan]), truth: .values([1])))
    statistics.add(FeedbackFixtures.record(predicted: .values([3]), truth: .values([1])))
    #expect(statistics.count == 2)
    #expect(statistics.squaredError.all.mean == 4)
  }
}
