import Synchronization

/// What is counted of one model, over all its versions since the start.
final class ModelMetrics: Sendable {
  /// Times of predictions that were answered, nanoseconds: from the complete request to the answer in the connection's output.
  ///
  /// Bounds are 10 us to 1.3 s.
  let latency = StripedHistogram(smallest: 10_000, bucketCount: 18)
  /// Rows that came together for one run; a request with more rows than a run may have counts as one.
  let batches = StripedHistogram(smallest: 1, bucketCount: 12)

  /// What is counted of sequences and captions.
  let sequences = SequenceMetrics()

  /// Rows that were predicted.
  var rowCount: UInt64 { batches.sum }

  /// The counters of every model that was ever loaded, by name: versions come and go, a counter never falls.
  final class Table: Sendable {
    private let models = Mutex<[String: ModelMetrics]>([:])

    /// The counters of a model, made where there are none yet.
    func metrics(of model: String) -> ModelMetrics {
      models.withLock { models in
        if let known = models[model] { return known }
        let new = ModelMetrics()
        models[model] = new
        return new
      }
    }
  }
}
