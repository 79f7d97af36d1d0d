import HTTP

/// One loaded version of a model: everything that a request to it needs, made once.
///
/// Requests hold it as long as they run: a version that is replaced goes when its last request is answered.
package final class ModelHost: Sendable {
  package let name: String
  package let version: Int
  package let signature: ModelSignature
  /// What the model does, as model.json has it.
  let task: String
  let lane: Lane
  /// Who answers sequences and captions; nil for a model that predicts rows.
  let sequences: SequenceHost?
  /// Who reads queries of Q-values; nil for a model that has none.
  let qValues: QValueHost?
  /// What is counted of the model, over all its versions.
  let metrics: ModelMetrics
  /// What rows must look like to be trained on, or why they cannot be: those rows get ids.
  let exampleSchema: Result<ExampleSchema, ServiceError>
  /// Largest body that an event loop reads itself.
  let inlineBodyBytes: Int
  let collector: RowCollector
  let rowsWriter: PredictionWriter
  let columnsWriter: PredictionWriter
  let classesWriter: PredictionWriter
  let valuesWriter: PredictionWriter

  /// Says in the answer to a prediction which version gave it.
  static let versionHeader = "X-Martlet-Version"

  /// - Throws: What the model says when it is run for the first time.
  init(
    _ name: String,
    version: Int,
    _ loaded: LoadedModel,
    limits: ServiceLimits,
    load: ServingLoad,
    metrics: ModelMetrics = ModelMetrics()
  )
    throws
  {
    self.name = name
    self.version = version
    signature = loaded.model.signature
    task = loaded.task
    self.metrics = metrics
    lane = Lane(
      loaded.model,
      name: "\(name)/\(version)",
      limits: limits,
      load: load,
      metrics: metrics
    )
    let signature = signature
    exampleSchema = Result { () throws(ServiceError) in try ExampleSchema(nil, signature) }
    collector = RowCollector(
      signature: signature,
      images: loaded.images,
      rowsPerRequest: limits.rowsPerRequest,
      inlineImagePixels: limits.inlineImagePixels,
      states: loaded.qValues?.states
    )
    inlineBodyBytes = limits.inlineBodyBytes
    let headers: ResponseHeaders = [Self.versionHeader: String(version)]
    rowsWriter = PredictionWriter(signature, .rows, headers: headers)
    columnsWriter = PredictionWriter(signature, .columns, headers: headers)
    classesWriter = PredictionWriter(signature, .classes, headers: headers)
    valuesWriter = PredictionWriter(signature, .values, headers: headers)
    qValues = loaded.qValues.map { [collector] in
      QValueHost($0, collector, headers: headers)
    }
    sequences = loaded.sequences.map {
      SequenceHost($0, metrics: metrics.sequences, limits: limits)
    }
    loaded.sequences?.attach(load)
    if sequences == nil { try lane.warmUp() }
  }
}
