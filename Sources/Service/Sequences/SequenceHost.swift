import HTTP
import Synchronization

/// One loaded version of a sequence model: who answers, how many may wait, what is counted.
final class SequenceHost: Sendable {
  let backend: any SequenceBackend
  let metrics: SequenceMetrics
  let limits: ServiceLimits
  private let state = Mutex(State())

  private struct State {
    /// Answers that are made or wait to be.
    var active = 0
    /// Mean seconds of an answer, newer ones counting more; 0 before the first.
    var meanSeconds = 0.0
  }

  init(_ backend: any SequenceBackend, metrics: SequenceMetrics, limits: ServiceLimits) {
    self.backend = backend
    self.metrics = metrics
    self.limits = limits
  }

  /// Makes room for `count` more answers; each is given back with `release`.
  ///
  /// - Throws: `ServiceError` 429 where too many are made or wait.
  func admit(_ count: Int) throws(ServiceError) {
    let refusal: ServiceError? = state.withLock { state in
      guard state.active > 0, state.active + count > limits.sequencesPerModel else {
        state.active += count
        return nil
      }
      return ServiceError(
        .tooManyRequests,
        "the model is overloaded: \(state.active) sequences are computed or wait, at most \(limits.sequencesPerModel) may",
        retryAfterSeconds: max(1, Int(min(state.meanSeconds, 3600).rounded(.up)))
      )
    }
    if let refusal { throw refusal }
    metrics.addActive(count)
  }

  /// Gives the place of one answer back.
  ///
  /// - Parameter seconds: How long it took; nil where it did not come to its end.
  func release(seconds: Double?) {
    metrics.addActive(-1)
    state.withLock { state in
      state.active -= 1
      guard let seconds else { return }
      state.meanSeconds += (seconds - state.meanSeconds) / (state.meanSeconds == 0 ? 1 : 8)
    }
  }
}
