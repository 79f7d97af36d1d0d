import Testing
import Training

@Suite struct ForecastScoreTests {
  @Test func maseDividesByTheSeasonalNaiveErrorInTraining() {
    // Season 2: differences of training to two steps before are 2, 2, 4, so the naive error is 8 / 3.
    let training = [1.0, 5, 3, 7, 7]
    let score = ForecastScore.mase(
      truth: [10, 20],
      forecast: [12, 16],
      training: training,
      season: 2
    )
    #expect(abs((score ?? 0) - 3 / (8.0 / 3)) < 1e-12)
  }

  @Test func maseNeedsSeriesThatFit() {
    #expect(ForecastScore.mase(truth: [], forecast: [], training: [1, 2]) == nil)
    #expect(ForecastScore.mase(truth: [1], forecast: [1, 2], training: [1, 2]) == nil)
    #expect(ForecastScore.mase(truth: [1], forecast: [1], training: [1, 2], season: 2) == nil)
    #expect(ForecastScore.mase(truth: [1], forecast: [1], training: [1, 2], season: 0) == nil)
    #expect(ForecastScore.mase(truth: [1], forecast: [1], training: [3, 3, 3]) == nil)
  }

  @Test func smapeIsInPercentUpTo200() {
    #expect(ForecastScore.smape(truth: [100], forecast: [50]) == 200.0 / 3)
    #expect(ForecastScore.smape(truth: [0, 1], forecast: [0, -1]) == 100)
    #expect(ForecastScore.smape(truth: [], forecast: []) == nil)
  }

  @Test func theSeasonalNaiveForecastRepeatsTheLastSeason() {
    #expect(ForecastScore.seasonalNaive([1, 2, 3, 4], season: 3, steps: 5) == [2, 3, 4, 2, 3])
    #expect(ForecastScore.seasonalNaive([1, 2], season: 12, steps: 3) == [1, 2, 1])
  }
}
