import HTTP
import Tensors

/// Reads queries of Q-values for one version and knows who writes the answers: made once.
final class QValueHost: Sendable {
  let format: QValueFormat
  let observations: ObservationReader
  private let collector: RowCollector
  private let greedyWriter: QValueWriter

  init(_ format: QValueFormat, _ collector: RowCollector, headers: ResponseHeaders) {
    self.format = format
    self.collector = collector
    observations = ObservationReader(format, images: collector.images)
    greedyWriter = QValueWriter(format, headers: headers)
  }

  /// Reads the request's body into `pending`: JSON, or one observation or several as .npy.
  ///
  /// - Returns: Who writes the answer.
  /// - Throws: `ServiceError` for a body that is malformed or does not fit the model.
  func read(_ request: Request, into pending: PendingPrediction) throws -> QValueWriter {
    switch try BodyKind(request) {
    case .json:
      let body = QValueBody(collector: collector, observations: observations)
      guard let draw = try body.read(request.body, into: pending) else { return greedyWriter }
      return QValueWriter(greedyWriter, drawing: draw)
    case .npy:
      try ArrayBody(collector: collector).read(request.body, into: pending)
      if let position = observations.notFinite(pending.inputs[0]) {
        throw ServiceError.invalid("number \(position) of the array is not finite")
      }
      return greedyWriter
    case .image:
      throw ServiceError(
        .unsupportedMediaType,
        "send JSON: {\"instances\": [observation, ...]}, each \(observations.expected)"
      )
    }
  }
}
