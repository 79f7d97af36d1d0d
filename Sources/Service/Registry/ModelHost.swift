import HTTP

/// One loaded version of a model: everything that a request to it needs, made once.
///
/// Requests hold it as long as they run: a version that is replaced goes when its last request is answered.
package final class ModelHost: Sendable {
  package let name: String
  package let version: Int
  package let signature: ModelSignature
  let lane: Lane
  /// Largest body that an event loop reads itself.
  let inlineBodyBytes: Int
  let collector: RowCollector
  let rowsWriter: PredictionWriter
  let columnsWriter: PredictionWriter
  let classesWriter: PredictionWriter
  let valuesWriter: PredictionWriter

  /// - Throws: What the model says when it is run for the first time.
  init(
    _ name: String,
    version: Int,
    _ loaded: LoadedModel,
    limits: ServiceLimits,
    load: ServingLoad
  )
    throws
  {
    self.name = name
    self.version = version
    signature = loaded.model.signature
    lane = Lane(loaded.model, name: "\(name)/\(version)", limits: limits, load: load)
    collector = RowCollector(
      signature: signature,
      images: loaded.images,
      rowsPerRequest: limits.rowsPerRequest,
      inlineImagePixels: limits.inlineImagePixels
    )
    inlineBodyBytes = limits.inlineBodyBytes
    rowsWriter = PredictionWriter(signature, .rows)
    columnsWriter = PredictionWriter(signature, .columns)
    classesWriter = PredictionWriter(signature, .classes)
    valuesWriter = PredictionWriter(signature, .values)
    try lane.warmUp()
  }
}
