/// Errors of forecasts.
package enum ForecastScore {
  /// Mean absolute scaled error (Hyndman and Koehler: Another look at measures of forecast accuracy, 2006): the mean absolute error of
  /// the forecasts, divided by that of the seasonal naive forecast (the value one season ago) within the training series.
  ///
  /// Below 1 the forecasts beat the naive ones. `nil` for series of different counts, empty ones, a training series that is not longer than
  /// a season, or one that repeats exactly.
  package static func mase(
    truth: [Double],
    forecast: [Double],
    training: [Double],
    season: Int = 1
  ) -> Double? {
    guard season >= 1, training.count > season else { return nil }
    let naive = meanAbsoluteError(
      Array(training.dropFirst(season)),
      Array(training.dropLast(season))
    )
    guard let error = meanAbsoluteError(truth, forecast), let naive, naive > 0 else { return nil }
    return error / naive
  }

  /// Symmetric mean absolute percentage error, as in the M4 competition: mean of 200 |y - f| / (|y| + |f|), in percent 0...200.
  ///
  /// A pair of zeros counts as no error; `nil` for series of different counts or empty ones.
  package static func smape(truth: [Double], forecast: [Double]) -> Double? {
    guard truth.count == forecast.count, !truth.isEmpty else { return nil }
    let sum = zip(truth, forecast).reduce(0.0) { sum, pair in
      let scale = abs(pair.0) + abs(pair.1)
      return sum + (scale == 0 ? 0 : 200 * abs(pair.0 - pair.1) / scale)
    }
    return sum / Double(truth.count)
  }

  /// The forecast that repeats the last season of a series; the series itself where it is shorter than that.
  ///
  /// - Precondition: the series has a value, and `season` and `steps` are not negative.
  package static func seasonalNaive(_ series: [Double], season: Int, steps: Int) -> [Double] {
    let last = series.suffix(max(season, 1))
    return (0..<steps).map { last[last.startIndex + $0 % last.count] }
  }

  /// Mean of |y - f|; `nil` for series of different counts or empty ones.
  package static func meanAbsoluteError(_ truth: [Double], _ forecast: [Double]) -> Double? {
    guard truth.count == forecast.count, !truth.isEmpty else { return nil }
    return zip(truth, forecast).reduce(0.0) { $0 + abs($1.0 - $1.1) } / Double(truth.count)
  }
}
