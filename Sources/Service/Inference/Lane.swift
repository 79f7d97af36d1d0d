internal import Dispatch
import HTTP
internal import Synchronization

/// Where one version of a model runs: one batch at a time, whatever waits when it is free together.
///
/// Nothing ever waits for a batch to fill. A run goes to the lane's serial queue, or is done by an
/// event loop itself where that is cheaper than waking another thread.
final class Lane: @unchecked Sendable {
  private struct State {
    var waiting: [PendingPrediction] = []
    var waitingRows = 0
    /// Whether somebody runs batches; only they may touch `runner`.
    var isBusy = false
    var cost = CostModel()
    var idleRequests: [PendingPrediction] = []
  }

  private let state = Mutex(State())
  private let queue: DispatchQueue
  // Only touched by whoever made `isBusy` true: that is why the class may be Sendable.
  private let runner: BatchRunner
  private let limits: ServiceLimits
  private let signature: ModelSignature

  init(_ model: any InferenceModel, name: String, limits: ServiceLimits) {
    queue = DispatchQueue(label: "lane \(name)", qos: .userInitiated)
    runner = BatchRunner(model, rowsPerBatch: limits.rowsPerBatch)
    signature = model.signature
    self.limits = limits
  }

  /// An object for a request, used before or new.
  func makeRequest() -> PendingPrediction {
    state.withLock { $0.idleRequests.popLast() } ?? PendingPrediction(signature)
  }

  /// Takes an object back once its request is answered or refused.
  func recycle(_ request: PendingPrediction) {
    request.reset()
    state.withLock { state in
      if state.idleRequests.count < Self.idleRequestsMax { state.idleRequests.append(request) }
    }
  }

  /// Request objects kept for later requests.
  private static let idleRequestsMax = 256

  /// Whether an event loop should run so many rows itself: nobody else runs, and it will not take long.
  func prefersInline(rows: Int) -> Bool {
    state.withLock { state in
      let estimate = state.cost.estimate(rows: rows)
      return !state.isBusy && estimate > 0 && estimate <= limits.inlineMicroseconds * 1000
    }
  }

  /// Runs on the caller's thread, or hands over to the queue where somebody else runs.
  func runInline(_ requests: [PendingPrediction]) {
    let begins = state.withLock { state in
      if state.isBusy { return false }
      state.isBusy = true
      return true
    }
    guard begins else {
      for request in requests { enqueue(request) }
      return
    }
    run(requests)
    let hasMore = state.withLock { state in
      state.isBusy = !state.waiting.isEmpty
      return state.isBusy
    }
    if hasMore { queue.async { self.drain() } }
  }

  /// Lets a request wait for its turn; answers it with 429 where too many wait.
  func enqueue(_ request: PendingPrediction) {
    let (refusal, starts) = state.withLock { state -> (ServiceError?, Bool) in
      if let refusal = self.refusal(state, request) { return (refusal, false) }
      state.waiting.append(request)
      state.waitingRows += request.rowCount
      defer { state.isBusy = true }
      return (nil, !state.isBusy)
    }
    if let refusal {
      request.reply?.fail(refusal)
      recycle(request)
    }
    if starts { queue.async { self.drain() } }
  }

  private func refusal(_ state: State, _ request: PendingPrediction) -> ServiceError? {
    let requests = state.waiting.count
    let rows = state.waitingRows
    guard
      requests >= limits.waitingRequestsPerModel
        || rows > 0 && rows + request.rowCount > limits.waitingRowsPerModel
    else { return nil }
    let batches = Double(rows) / Double(limits.rowsPerBatch)
    let seconds = batches * state.cost.estimate(rows: min(rows, limits.rowsPerBatch)) / 1e9
    return ServiceError(
      .tooManyRequests,
      "the model is overloaded: \(requests) requests with \(rows) rows wait, at most \(limits.waitingRequestsPerModel) requests and \(limits.waitingRowsPerModel) rows may",
      retryAfterSeconds: max(1, Int(min(seconds, 3600).rounded(.up))))
  }

  /// Runs what waits, batch by batch, until nothing does. The caller has made `isBusy` true.
  private func drain() {
    while true {
      let requests = state.withLock { state in
        let length = runner.batchLength(state.waiting[...])
        let batch = Array(state.waiting.prefix(length))
        state.waiting.removeFirst(batch.count)
        for request in batch { state.waitingRows -= request.rowCount }
        if batch.isEmpty { state.isBusy = false }
        return batch
      }
      if requests.isEmpty { return }
      run(requests)
    }
  }

  /// Runs requests in as many batches as they need, without those that nobody waits for.
  private func run(_ requests: [PendingPrediction]) {
    var live = requests[...]
    if requests.contains(where: isStale) {
      live = requests.filter { !dropIfStale($0) }[...]
    }
    while !live.isEmpty {
      let batch = live.prefix(runner.batchLength(live))
      let start = MonotonicClock.now()
      runner.run(batch)
      let duration = MonotonicClock.now() - start
      let rows = batch.reduce(0) { $0 + $1.rowCount }
      state.withLock { $0.cost.note(rows: rows, nanoseconds: duration) }
      live = live.dropFirst(batch.count)
      for request in batch { recycle(request) }
    }
  }

  private func isStale(_ request: PendingPrediction) -> Bool {
    request.deadline != 0 && request.deadline < MonotonicClock.now()
      || request.reply?.isCancelled ?? true
  }

  private func dropIfStale(_ request: PendingPrediction) -> Bool {
    guard isStale(request) else { return false }
    request.reply?.fail(
      request.deadline != 0 && request.deadline < MonotonicClock.now()
        ? ServiceError(.gatewayTimeout, "the request's deadline passed while it waited")
        : ServiceError(.clientClosedRequest, "the client closed the connection"))
    recycle(request)
    return true
  }

  /// Runs the smallest batch once with zeros, so that the first request finds everything compiled and the
  /// cost is known.
  ///
  /// - Throws: What the model says.
  func warmUp() throws {
    guard signature.hasKnownRows, signature.batching != .none else { return }
    let request = PendingPrediction(signature)
    let rows = if case .fixed(let count) = signature.batching { count } else { 1 }
    request.rowCount = rows
    for (staging, field) in zip(request.inputs, signature.inputs) {
      let sizes = [rows] + (field.sizes ?? []).dropFirst().map { $0 ?? 1 }
      staging.fill(zeros: sizes)
    }
    let reply = WarmUpReply()
    request.begin(reply)
    runInline([request])
    if let error = reply.error.withLock({ $0 }) { throw error }
  }
}

/// Remembers whether the warm-up failed.
private final class WarmUpReply: PredictionReply {
  let error = Mutex<ServiceError?>(nil)
  var isCancelled: Bool { false }
  func finish(_ outputs: PredictionOutputs) {}
  func fail(_ error: ServiceError) { self.error.withLock { $0 = error } }
}
