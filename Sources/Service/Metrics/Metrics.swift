import HTTP
import Synchronization

/// Everything that `GET /metrics` shows.
///
/// Counting takes a few relaxed additions in memory of the event loop that answers; the rest is looked up when somebody asks.
///
/// `@unchecked Sendable`: each element of `groups` is touched by its own event loop only.
package final class Metrics: @unchecked Sendable {
  private let requests: RequestMetrics
  private let groups: [PredictionGroup]
  private let repository: ModelRepository
  private let feedback: FeedbackStore?
  private let sources = Mutex(MetricSources())

  init(_ repository: ModelRepository, feedback: FeedbackStore?, loopCount: Int) {
    let requests = RequestMetrics(routeCount: RouteTable.rows.count)
    self.requests = requests
    groups = (0..<loopCount).map { PredictionGroup(requests, loop: $0) }
    self.repository = repository
    self.feedback = feedback
  }

  /// Says where to look for what the service does not own.
  package func connect(_ sources: MetricSources) { self.sources.withLock { $0 = sources } }

  /// Counts an answer; that of a prediction at the end of the iteration, together with others and with its time.
  func noteAnswer(to request: Request, _ status: Status) {
    if status == .ok, request.subject != nil {
      groups[request.loopIndex].add(request)
    } else {
      requests.noteAnswers(route: request.routeID, status, loop: request.loopIndex)
    }
  }

  /// Counts the predictions of an iteration.
  func endOfIteration(loopIndex: Int) { groups[loopIndex].finish() }

  /// The page.
  func text() -> PrometheusText {
    var text = PrometheusText()
    let models = repository.snapshot.models
    appendRequests(&text)
    appendPredictions(models, &text)
    appendModels(models, &text)
    appendSequences(models, &text)
    let sources = sources.withLock { $0 }
    appendProcess(sources, &text)
    appendTraining(sources, &text)
    if let feedback {
      FeedbackMetrics.append(models.map { ($0.name, feedback.summary(of: $0.name)) }, &text)
    }
    return text
  }

  private func appendRequests(_ text: inout PrometheusText) {
    text.family(
      "martlet_http_requests_total",
      .counter,
      "Answers by route and class of the status; other is what no route took."
    )
    for route in -1..<RouteTable.rows.count {
      let row = route < 0 ? nil : RouteTable.rows[route]
      for (position, name) in RequestMetrics.classes.enumerated() {
        let count = requests.count(route: route, statusClass: position)
        // Only what has happened: most routes never answer most classes.
        guard count > 0 else { continue }
        text.sample(
          [
            ("method", row.map { "\($0.method.name)" } ?? RequestMetrics.otherRoute),
            ("route", row?.template ?? RequestMetrics.otherRoute), ("status", "\(name)"),
          ],
          count
        )
      }
    }
  }

  private func appendPredictions(
    _ models: [RegistrySnapshot.Model],
    _ text: inout PrometheusText
  ) {
    let counted = models.map { ($0.name, repository.modelMetrics.metrics(of: $0.name)) }
    text.family(
      "martlet_prediction_duration_seconds",
      .histogram,
      "Time of answered predictions from the complete request to the written answer."
    )
    for (name, metrics) in counted {
      text.histogram([("model", name)], metrics.latency, scale: 1e9)
    }
    text.family("martlet_prediction_rows_total", .counter, "Rows that were predicted.")
    for (name, metrics) in counted { text.sample([("model", name)], metrics.rowCount) }
    text.family(
      "martlet_prediction_batch_rows",
      .histogram,
      "Rows that were predicted together."
    )
    for (name, metrics) in counted { text.histogram([("model", name)], metrics.batches) }
  }

  private func appendModels(_ models: [RegistrySnapshot.Model], _ text: inout PrometheusText) {
    let hosts = models.map { ($0.name, $0.versions.compactMap(\.state.host)) }
    text.family("martlet_model_versions_loaded", .gauge, "Versions that are in memory.")
    for (name, hosts) in hosts { text.sample([("model", name)], UInt64(hosts.count)) }
    text.family(
      "martlet_prediction_queue_requests",
      .gauge,
      "Requests that wait for their model; those that an event loop runs itself never do."
    )
    let queues = hosts.map { name, hosts in (name, hosts.map(\.lane.waiting)) }
    for (name, queues) in queues {
      text.sample([("model", name)], UInt64(queues.reduce(0) { $0 + $1.requests }))
    }
    text.family("martlet_prediction_queue_rows", .gauge, "Rows of the requests that wait.")
    for (name, queues) in queues {
      text.sample([("model", name)], UInt64(queues.reduce(0) { $0 + $1.rows }))
    }
  }

  private func appendSequences(
    _ models: [RegistrySnapshot.Model],
    _ text: inout PrometheusText
  ) {
    let counted = models.filter { $0.versions.contains { $0.state.host?.sequences != nil } }
    SequenceMetrics.append(
      counted.map { ($0.name, repository.modelMetrics.metrics(of: $0.name).sequences) },
      &text
    )
  }

  private func appendProcess(_ sources: MetricSources, _ text: inout PrometheusText) {
    text.family("martlet_http_connections_open", .gauge, "Open connections.")
    text.sample([], UInt64(clamping: sources.openConnections()))
    if let bytes = ProcessMetrics.residentBytes {
      text.family("process_resident_memory_bytes", .gauge, "Memory that is not swapped out.")
      text.sample([], UInt64(clamping: bytes))
    }
    text.family("process_cpu_seconds_total", .counter, "Time on processors of all threads.")
    text.sample([], ProcessMetrics.cpuSeconds)
  }

  private func appendTraining(_ sources: MetricSources, _ text: inout PrometheusText) {
    if let gate = sources.trainingGate {
      text.family(
        "martlet_training_yield_seconds_total",
        .counter,
        "Time that trainings have waited for predictions."
      )
      text.sample([], gate.yieldedSeconds)
      text.family(
        "martlet_training_yields_total",
        .counter,
        "How often trainings have waited for predictions."
      )
      text.sample([], gate.yieldCount)
    }
    let jobs = sources.jobsByStatus()
    guard !jobs.isEmpty else { return }
    text.family("martlet_fine_tuning_jobs", .gauge, "Fine-tuning jobs by status.")
    for job in jobs { text.sample([("status", job.status)], UInt64(clamping: job.count)) }
  }
}
