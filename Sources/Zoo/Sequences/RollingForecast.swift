import ONNXFormat
import Training

/// Forecasts of a series from many of its places, with the truth behind each: a rolling origin (Tashman 2000).
struct RollingForecast {
  /// One for each origin, nearest step first.
  let forecasts: [[Double]]
  /// The series behind each origin.
  let truth: [[Double]]
  /// What repeating the last season forecasts.
  let naive: [[Double]]

  /// - Parameters:
  ///   - series: the values.
  ///   - origins: places that are forecast first; all values before them are read.
  ///   - steps: of each forecast; they lie within the series.
  ///   - decoder: the network.
  ///   - format: how its numbers relate to the values, and the season.
  /// - Throws: What the decoder throws.
  init(
    of series: [Double],
    origins: [Int],
    steps: Int,
    _ decoder: TrainedDecoder,
    _ format: ModelManifest.ForecastFormat
  ) throws {
    let histories = origins.map { Array(series[..<$0]) }
    let numbers = histories.map { history in
      history.map { Float(($0 - format.mean) / format.scale) }
    }
    forecasts = try decoder.forecasts(of: numbers, steps: steps).map { answer in
      answer.map { format.mean + format.scale * Double($0) }
    }
    truth = origins.map { Array(series[$0..<$0 + steps]) }
    naive = histories.map {
      ForecastScore.seasonalNaive($0, season: format.season ?? 1, steps: steps)
    }
  }

  /// An interval around the forecast, step by step, that new truth lies in with a probability of about `level`.
  ///
  /// Of n absolute errors at a step it is the one of rank ceil((n + 1) level), the largest where there are too few (split conformal
  /// prediction by step ahead: Stankeviciute, Alaa, van der Schaar: Conformal time-series forecasting, 2021). Their promise needs
  /// exchangeable errors, which those of overlapping forecasts are not.
  func interval(level: Double) -> ModelManifest.Interval {
    let steps = truth.first?.count ?? 0
    let offsets = (0..<steps).map { step in
      Self.bound(zip(truth, forecasts).map { abs($0[step] - $1[step]) }, level: level)
    }
    return ModelManifest.Interval(level: level, lower: offsets.map { -$0 }, upper: offsets)
  }

  /// The share of the truth inside of an interval.
  func coverage(of interval: ModelManifest.Interval) -> Double {
    var hits = 0
    var count = 0
    for (truth, forecast) in zip(truth, forecasts) {
      for step in truth.indices {
        let place = min(step, interval.lower.count - 1)
        let error = truth[step] - forecast[step]
        if error >= interval.lower[place], error <= interval.upper[place] { hits += 1 }
        count += 1
      }
    }
    return count == 0 ? 0 : Double(hits) / Double(count)
  }

  /// The mean absolute scaled error over all origins and steps; of the network, and of repeating the last season.
  func mase(training: [Double], season: Int) -> (network: Double, naive: Double) {
    func score(_ forecasts: [[Double]]) -> Double {
      ForecastScore.mase(
        truth: truth.flatMap { $0 },
        forecast: forecasts.flatMap { $0 },
        training: training,
        season: season
      ) ?? .infinity
    }
    return (score(forecasts), score(naive))
  }

  /// The error of rank ceil((n + 1) level), from 1, or the largest.
  static func bound(_ errors: [Double], level: Double) -> Double {
    let rank = Int((Double(errors.count + 1) * level).rounded(.up))
    let sorted = errors.sorted()
    return sorted.isEmpty ? 0 : sorted[min(max(rank, 1), sorted.count) - 1]
  }
}
