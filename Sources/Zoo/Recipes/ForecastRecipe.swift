import Datasets
import Glibc
import GraphIR
import NN
import ONNXFormat
import Storage
import Tensors
import Training

/// Trains a network that forecasts a seasonal series: a GRU that reads how far the series is from a season ago.
///
/// The end of the series is the test part; what lies before it chooses the epoch and gives the intervals. `mase` is the error of forecasts
/// over the horizon from every origin of the test part, `mase_from_start` that of one forecast of the whole test part; both divided by
/// what repeating the value of one season ago errs before the test part, and `seasonal_naive_*` the same for repeating the last season.
package struct ForecastRecipe: Recipe {
  package let name: String
  package let summary: String
  package let dataSets = ["tabular"]
  package let defaultEpochs: Int
  package let defaultSeed: UInt64 = 42

  /// Under the folder `tabular`.
  let file: String
  let season: Int
  /// Of the mean around a season ago.
  let halfWidth: Int
  let isLogarithmic: Bool
  /// Values at the end for the test, and before them for validation.
  let heldOut: Int
  /// Steps that a forecast is measured over.
  let horizon: Int
  /// Steps from one origin to the next.
  let originStride: Int
  let units: Int
  let dropout: Float
  /// Forecasts of one window of the training.
  let windowLength: Int
  let windowStride: Int
  let peakRate: Float
  let decay: Float

  /// Share of the truth that the intervals shall hold.
  private static let level = 0.8
  private static let batchSize = 16

  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    try VersionPath.checkIsFree(request.modelFolder)
    let path = "\(request.dataFolder)/tabular/\(file)"
    let series = try SeriesCSV(contentsOf: path).values.map { Double($0) }
    let testStart = series.count - heldOut
    let validationStart = testStart - heldOut
    guard validationStart > 0 else {
      throw FormatError("series", "\(series.count) values; \(2 * heldOut) are held out")
    }
    var forecast = scale(of: series[..<validationStart])
    let numbers = series.map { Float(($0 - forecast.mean) / forecast.scale) }
    let seed = request.seed ?? defaultSeed
    let model = SeriesForecaster(
      season: season,
      halfWidth: halfWidth,
      isLogarithmic: isLogarithmic,
      stack: RecurrentStack(Recurrent("recurrent", .gru, units: units), depth: 1),
      dropout: dropout,
      seed: seed
    )
    func windows(_ targets: Range<Int>, stride: Int) throws(FormatError) -> Dataset {
      guard
        let windows = SeriesWindows(
          numbers,
          targets: targets,
          memorySize: model.memorySize,
          length: windowLength,
          stride: stride
        )
      else { throw FormatError("series", "\(series.count) values are too few for one window") }
      return windows.dataset
    }
    let epochs = request.epochs ?? defaultEpochs
    let optimizer = Adam.adamW(decay: decay)
    let training = try windows(0..<validationStart, stride: windowStride)
    let batches = ExampleBatches(training, batchSize: Self.batchSize, seed: seed)
    let options = request.options(
      epochs: epochs,
      batchesPerEpoch: batches.batchesPerPass,
      batchSize: Self.batchSize,
      seed: seed,
      peakRate: peakRate,
      best: .loss
    )
    let trainer = try Trainer(
      model.trainingGraph(optimizer, clipping: .globalNorm(1)),
      options: options,
      batches: batches,
      evaluation: model.evaluationGraph(),
      validation: ExampleBatches(
        windows(validationStart..<testStart, stride: windowLength),
        batchSize: Self.batchSize,
        seed: nil
      )
    )
    guard try request.train(trainer, report: report) else { return RecipeResult(metrics: [:]) }
    let graph = try model.servingGraph(weights: trainer.variables())
    let format = ModelManifest.SequenceFormat(
      values: "values",
      state: model.statePairs,
      sourceLengthMax: 8192,
      lengthMax: heldOut
    )
    let decoder = try TrainedDecoder(
      main: graph,
      encoder: nil,
      format: format,
      threads: request.threads
    )
    func rolling(_ part: Range<Int>, steps: Int) throws -> RollingForecast {
      try RollingForecast(
        of: series,
        origins: Array(
          stride(from: part.lowerBound, through: part.upperBound - steps, by: originStride)
        ),
        steps: steps,
        decoder,
        forecast
      )
    }
    let interval = try rolling(validationStart..<testStart, steps: horizon)
      .interval(level: Self.level)
    forecast.interval = interval
    let test = try rolling(testStart..<series.count, steps: horizon)
    let whole = try rolling(testStart..<series.count, steps: heldOut)
    let past = Array(series[..<testStart])
    let scores = test.mase(training: past, season: season)
    let wholeScores = whole.mase(training: past, season: season)
    let metrics = [
      "mase": scores.network, "seasonal_naive_mase": scores.naive,
      "mase_from_start": wholeScores.network,
      "seasonal_naive_mase_from_start": wholeScores.naive,
      "interval_coverage": test.coverage(of: interval),
    ]
    guard let folder = request.modelFolder else { return RecipeResult(metrics: metrics) }
    let data = ModelManifest.DataReference(
      name: file,
      sha256: SHA256.hexDigest(of: try FileAccess.read(path, byteCountMax: CSV.byteCountMax))
    )
    let record = ModelManifest.TrainingRecord(of: self, data, options, optimizer, trainer.history)
    let example = numbers.suffix(model.memorySize + 1)
    try SequenceFolder(
      task: .forecasting,
      main: graph,
      format: format,
      forecast: forecast,
      training: record,
      metrics: metrics,
      description: summary,
      examples: ["values": Tensor(Array(example), [1, example.count, 1])]
    ).write(to: folder)
    return RecipeResult(metrics: metrics, modelFolder: folder)
  }

  /// Mean and standard deviation of the training part; where the logarithm is read, the mean is 0 and the scale the geometric mean.
  private func scale(of values: ArraySlice<Double>) -> ModelManifest.ForecastFormat {
    let count = Double(values.count)
    if isLogarithmic {
      let mean = values.reduce(0) { $0 + log(max($1, .leastNormalMagnitude)) } / count
      return .init(mean: 0, scale: exp(mean), season: season)
    }
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    return .init(
      mean: mean,
      scale: max(variance.squareRoot(), .leastNormalMagnitude),
      season: season
    )
  }
}

extension ForecastRecipe {
  /// Monthly international airline passengers, 1949 to 1960.
  package static let airline = ForecastRecipe(
    name: "forecast-airline",
    summary: "Monthly airline passengers: GRU on the logarithm's difference to a year ago",
    defaultEpochs: 150,
    file: "airline-passengers.csv",
    season: 12,
    halfWidth: 0,
    isLogarithmic: true,
    heldOut: 24,
    horizon: 12,
    originStride: 1,
    units: 16,
    dropout: 0.2,
    windowLength: 36,
    windowStride: 1,
    peakRate: 0.005,
    decay: 0.01
  )

  /// Daily minimum temperatures in Melbourne, 1981 to 1990.
  package static let temperatures = ForecastRecipe(
    name: "forecast-temperatures",
    summary: "Daily minimum temperatures: GRU on the difference to the mean around a year ago",
    defaultEpochs: 30,
    file: "daily-min-temperatures.csv",
    season: 365,
    halfWidth: 15,
    isLogarithmic: false,
    heldOut: 365,
    horizon: 28,
    originStride: 7,
    units: 16,
    dropout: 0.1,
    windowLength: 90,
    windowStride: 15,
    peakRate: 0.005,
    decay: 0.01
  )
}
