import Engine
import GraphIR
import HTTP
import ONNXFormat

/// How a forecaster's numbers relate to the series, and the interval around each.
struct ForecastScale: Sendable {
  private let format: ModelManifest.ForecastFormat
  /// Values that the model looks back on: it cannot say what follows fewer.
  private let lengthMin: Int

  /// The state in which a model keeps the last values, one in each element of a row.
  private static let memoryName = "state_memory"

  init(_ manifest: ModelManifest, _ format: ModelManifest.ForecastFormat) {
    self.format = format
    let memory = manifest.signature.inputs.first { $0.name == Self.memoryName }
    let remembered = memory?.shape?.last?.size ?? 1
    lengthMin = max(1, format.season ?? 1, remembered)
  }

  /// Checks that a series is long enough.
  ///
  /// - Throws: `ServiceError` 400 that says how many values the model needs.
  func check(count: Int) throws(ServiceError) {
    guard count < lengthMin else { return }
    let season = format.season.map { ", whose season is \($0)," } ?? ""
    throw .invalid(
      "the series has \(count) values, the model\(season) needs at least \(lengthMin)"
    )
  }

  /// A value of the series as the model reads it.
  func scaled(_ value: Float) -> Float {
    Float((Double(value) - format.mean) / format.scale)
  }

  /// A number of the model as a value of the series with its interval, so many steps ahead, from 0.
  func value(_ number: Float, step: Int) -> ForecastValue {
    let value = Double(number) * format.scale + format.mean
    guard let interval = format.interval else { return ForecastValue(Float(value)) }
    let index = min(step, interval.lower.count - 1)
    return ForecastValue(
      Float(value),
      lower: Float(value + interval.lower[index]),
      upper: Float(value + interval.upper[index])
    )
  }
}

/// Turns the numbers of one stream into a forecast for a sink.
final class ForecastObserver: DecodingObserver {
  private let scale: ForecastScale
  private let sink: any SequenceSink

  init(_ scale: ForecastScale, _ sink: any SequenceSink) {
    self.scale = scale
    self.sink = sink
  }

  var isCancelled: Bool { sink.isCancelled }

  func produced(_ token: DecodedToken) -> Bool {
    sink.append(.value(scale.value(token.value, step: token.index)))
    return true
  }

  func finished(_ result: DecodingResult) {
    guard result.answer.finishReason != .cancelled else {
      sink.fail(ServiceError(.clientClosedRequest, "nobody waits for the answer"))
      return
    }
    let values = result.answer.values.enumerated().map { scale.value($1, step: $0) }
    sink.finish(.forecast(values))
  }

  func failed(_ error: any Error) { sink.fail(ServiceError(decoding: error)) }
}
