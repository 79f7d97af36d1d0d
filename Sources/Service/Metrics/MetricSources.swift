/// What `GET /metrics` shows of parts that the service does not own.
package struct MetricSources: Sendable {
  /// Connections that are open now.
  package var openConnections: @Sendable () -> Int = { 0 }
  /// What trainings pass between their batches; nil where nothing can be trained.
  package var trainingGate: TrainingGate?
  /// How many jobs have each status, such as `running`; nothing where there are no jobs.
  ///
  /// Called on an event loop: it must not wait.
  package var jobsByStatus: @Sendable () -> [(status: String, count: Int)] = { [] }

  /// None yet.
  package init() {}
}
