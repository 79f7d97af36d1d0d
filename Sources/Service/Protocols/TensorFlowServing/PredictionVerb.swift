import HTTP
import Tensors

/// What a client wants of a model: the word behind the colon.
enum PredictionVerb {
  case predict
  case classify
  case regress
  case qValues

  /// Whether a model of this task has the route at all: those of sequences have others, and actions are no classes.
  func isAnswered(by host: ModelHost) -> Bool {
    switch self {
    case .predict: host.sequences == nil
    case .classify, .regress: host.sequences == nil && host.qValues == nil
    case .qValues: host.qValues != nil
    }
  }

  /// Who writes an answer.
  enum Writer {
    case predictions(PredictionWriter)
    case qValues(QValueWriter)
  }

  /// Reads the request's body into `pending`.
  ///
  /// - Returns: Who writes the answer.
  /// - Throws: `ServiceError` for a body that is malformed or does not fit the model, 409 with the right route for a model of
  ///   another task.
  func read(
    _ request: Request,
    for host: ModelHost,
    into pending: PendingPrediction
  ) throws -> Writer {
    try BodyKind.requireIdentityCoding(request)
    switch self {
    case .predict:
      return .predictions(try readPredict(request, host, pending))
    case .classify:
      guard host.signature.scoredOutput != nil else {
        throw ServiceError.invalid(
          "model '\(host.name)' is no classifier: its model.json names no labels; use :predict"
        )
      }
      try readExamples(request, host, pending)
      return .predictions(host.classesWriter)
    case .regress:
      guard host.signature.isRegression || host.signature.labels == nil else {
        throw ServiceError.invalid(
          "model '\(host.name)' is a classifier: use :classify or :predict"
        )
      }
      try readExamples(request, host, pending)
      return .predictions(host.valuesWriter)
    case .qValues:
      guard let qValues = host.qValues else { throw host.wrongRoute }
      return .qValues(try qValues.read(request, into: pending))
    }
  }

  private func readPredict(
    _ request: Request,
    _ host: ModelHost,
    _ pending: PendingPrediction
  ) throws -> PredictionWriter {
    switch try BodyKind(request) {
    case .json:
      let body = PredictBody(collector: host.collector)
      switch try body.read(request.body, into: pending) {
      case .rows: return host.rowsWriter
      case .columns: return host.columnsWriter
      }
    case .npy:
      pending.returnsIDs = try FeedbackRequest.wantsIDs(request)
      try ArrayBody(collector: host.collector).read(request.body, into: pending)
    case .image:
      guard pending.inputs.count == 1 else {
        throw ServiceError.invalid("the model has several inputs: send JSON")
      }
      pending.returnsIDs = try FeedbackRequest.wantsIDs(request)
      try host.collector.appendImage(request.body, called: "the body", to: pending)
      pending.inputs[0].shape = StagedShape([1] + (try host.collector.knownRowShape(0)).dimensions)
      try host.collector.finish(pending)
    }
    return host.rowsWriter
  }

  private func readExamples(
    _ request: Request,
    _ host: ModelHost,
    _ pending: PendingPrediction
  ) throws {
    guard case .json = try BodyKind(request) else {
      throw ServiceError(.unsupportedMediaType, "send JSON: {\"examples\": [...]}")
    }
    try ExamplesBody(collector: host.collector).read(request.body, into: pending)
  }
}
