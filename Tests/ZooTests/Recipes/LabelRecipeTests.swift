import Foundation
import ONNXFormat
import TestSupport
import Tensors
import Testing
import Zoo

/// The recipes that label and forecast, on small drawn data.
@Suite struct LabelRecipeTests {
  private let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  private func write(_ text: String, _ path: String) throws {
    let file = URL(fileURLWithPath: temporary.path).appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(),
      withIntermediateDirectories: true
    )
    try Data(text.utf8).write(to: file)
  }

  @Test func sentimentLearnsWhichWordsPraise() throws {
    var random = Philox(seed: 1)
    for (file, words) in [("pos", ["fine", "great"]), ("neg", ["poor", "dull"])] {
      let lines = (0..<80).map { _ in
        "a \(words[Int(random.next() % 2)]) film of \(random.next() % 9) parts \n"
      }
      try write(lines.joined(), "text-classification/rt-polarity.\(file)")
    }
    let path = temporary.path + "/sentiment/1"
    func run(_ folder: String?) throws -> [String: Double] {
      try SentimentRecipe().run(
        RecipeRequest(dataFolder: temporary.path, modelFolder: folder, epochs: 4)
      ) { _ in }.metrics
    }
    let metrics = try run(path)
    #expect(metrics["test_accuracy"] == 1)
    let manifest = try ModelFolder.open(path).manifest
    #expect(manifest.task == "text-classification" && manifest.metrics == metrics)
    #expect(manifest.labels == ["negative", "positive"])
    #expect(try run(nil) == metrics)
  }

  @Test func forecastsFollowAGrowingSeason() throws {
    var random = Philox(seed: 4)
    let lines = (0..<144).map { month in
      let growth = pow(1.1, Double(month) / 12) * (1 + 0.3 * sin(Double(month) * .pi / 6))
      return "\(1949 + month / 12)-\(month % 12 + 1),\(100 * growth + Double(random.uniform()))\n"
    }
    try write("month,count\n" + lines.joined(), "tabular/airline-passengers.csv")
    let path = temporary.path + "/forecast-airline/1"
    let result = try ForecastRecipe.airline.run(
      RecipeRequest(dataFolder: temporary.path, modelFolder: path, epochs: 40)
    ) { _ in }
    let mase = try #require(result.metrics["mase"])
    #expect(mase < 0.5)
    #expect(try mase < #require(result.metrics["seasonal_naive_mase"]))
    let forecast = try #require(ModelFolder.open(path).manifest.forecast)
    #expect(forecast.interval?.lower.count == 12 && forecast.season == 12 && forecast.mean == 0)
  }

  @Test func tooShortASeriesIsRefused() throws {
    try write("day,value\n1,2\n2,3\n", "tabular/daily-min-temperatures.csv")
    #expect(throws: (any Error).self) {
      try ForecastRecipe.temperatures.run(RecipeRequest(dataFolder: temporary.path)) { _ in }
    }
  }
}
