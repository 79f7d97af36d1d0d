import HTTP
import Tensors

/// Answers a prediction with an id for each row, and keeps the rows for feedback.
///
/// Only requests that ask for ids have one: all others keep to `TensorFlowReply`.
struct TrackedReply: PredictionReply {
  let responder: Responder
  let writer: PredictionWriter
  let host: ModelHost
  let schema: ExampleSchema
  /// Where the rows go.
  let recent: RecentPredictions
  /// The request that this answers, whose first input are the rows: it owns the reply and outlives `finish`.
  unowned let pending: PendingPrediction

  var isCancelled: Bool { responder.isCancelled }

  func finish(_ outputs: PredictionOutputs) {
    do {
      let rows = try entries(outputs)
      recent.insert(rows)
      try responder.respond(.ok, .json, headers: writer.headers) {
        try writer.write(outputs, to: &$0, ids: rows.map(\.id))
      }
    } catch let error as ServiceError {
      responder.fail(error)
    } catch {
      responder.fail(ServiceError(.internalServerError, "\(error)"))
    }
  }

  func fail(_ error: ServiceError) { responder.fail(error) }

  private func entries(
    _ outputs: PredictionOutputs
  ) throws(ServiceError) -> [(id: PredictionID, entry: RecentPredictions.Entry)] {
    let bytes = pending.inputs[0].bytes
    let width = schema.valueCount * MemoryLayout<Float>.stride
    let labels = if case .classes(let labels) = schema.targets { labels } else { [String]() }
    let now = MonotonicClock.now()
    var rows: [(id: PredictionID, entry: RecentPredictions.Entry)] = []
    rows.reserveCapacity(pending.rowCount)
    for row in 0..<(outputs.rowCount ?? 0) where (row + 1) * width <= bytes.count {
      let entry = RecentPredictions.Entry(
        version: host.version,
        labels: labels,
        predicted: try Prediction(outputs, row: row, schema.targets),
        shape: schema.rowShape,
        row: Array(bytes[(row * width)..<((row + 1) * width)]),
        time: now
      )
      rows.append((PredictionID(), entry))
    }
    return rows
  }
}
