import Engine
import HTTP
internal import Synchronization
import Tensors

/// Where one version of a model runs: one batch at a time, whatever waits when it is free together.
///
/// Nothing ever waits for a batch to fill. Long runs go to `ModelThreads`; short ones are done by an event
/// loop itself, which is cheaper than waking another thread. An event loop may have to wait for a short run
/// of another thread, never knowingly for a long one.
final class Lane: Sendable {
  private struct State {
    var waiting: [PendingPrediction] = []
    var waitingRows = 0
    /// Whether `runNext` is running or about to.
    var isDraining = false
    /// Whether `runNext` runs something that an event loop should not wait for.
    var isRunningLong = false
    var cost = CostModel()
    var idleRequests: [PendingPrediction] = []
  }

  private let state = Mutex(State())
  private let runner: Mutex<BatchRunner>
  private let limits: ServiceLimits
  private let load: ServingLoad
  private let metrics: ModelMetrics
  /// Rows that run together at most.
  var rowsPerBatch: Int { limits.rowsPerBatch }
  private let signature: ModelSignature

  init(
    _ model: any InferenceModel,
    name: String,
    limits: ServiceLimits,
    load: ServingLoad = ServingLoad(),
    metrics: ModelMetrics = ModelMetrics()
  ) {
    signature = model.signature
    runner = Mutex(BatchRunner(model, rowsPerBatch: limits.rowsPerBatch))
    self.limits = limits
    self.load = load
    self.metrics = metrics
  }

  // MARK: - Request objects

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

  // MARK: - On an event loop

  /// Whether an event loop should run so many rows itself: it will not take long, nor will what runs now.
  func prefersInline(rows: Int) -> Bool {
    state.withLock { !$0.isRunningLong && isShort($0.cost.estimate(rows: rows)) }
  }

  private func isShort(_ nanoseconds: Double) -> Bool {
    nanoseconds > 0 && nanoseconds <= limits.inlineMicroseconds * 1000
  }

  /// Runs on the caller's thread, or lets the requests wait where something long runs by now.
  func runInline(_ requests: [PendingPrediction]) {
    if state.withLock({ $0.isRunningLong }) {
      for request in requests { enqueue(request) }
    } else {
      run(requests)
    }
  }

  // MARK: - Waiting

  /// What waits now.
  var waiting: (requests: Int, rows: Int) {
    state.withLock { ($0.waiting.count, $0.waitingRows) }
  }

  /// Lets a request wait for its turn; answers it with 429 where too many wait.
  func enqueue(_ request: PendingPrediction) {
    let (refusal, starts) = state.withLock { state -> (ServiceError?, Bool) in
      if let refusal = self.refusal(state, request) { return (refusal, false) }
      state.waiting.append(request)
      state.waitingRows += request.rowCount
      defer { state.isDraining = true }
      return (nil, !state.isDraining)
    }
    if let refusal {
      request.reply?.fail(refusal)
      recycle(request)
    }
    if starts { ModelThreads.run { self.runNext() } }
  }

  private func refusal(_ state: borrowing State, _ request: PendingPrediction) -> ServiceError? {
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
      retryAfterSeconds: max(1, Int(min(seconds, 3600).rounded(.up)))
    )
  }

  /// Runs the next batch of what waits.
  ///
  /// - Returns: Whether there was one; where not, the next request begins anew.
  private func runNext() -> Bool {
    let requests = state.withLock { state in
      let length = batchLength(state.waiting[...])
      let batch = Array(state.waiting.prefix(length))
      state.waiting.removeFirst(batch.count)
      let rows = batch.reduce(0) { $0 + $1.rowCount }
      state.waitingRows -= rows
      state.isDraining = !batch.isEmpty
      state.isRunningLong = !batch.isEmpty && !isShort(state.cost.estimate(rows: rows))
      return batch
    }
    if requests.isEmpty { return false }
    run(requests)
    return true
  }

  /// How many of the first requests may run together.
  private func batchLength(_ requests: ArraySlice<PendingPrediction>) -> Int {
    BatchRunner.batchLength(requests, signature, rowsPerBatch: limits.rowsPerBatch)
  }

  // MARK: - Running

  /// Runs requests in as many batches as they need, without those that nobody waits for.
  private func run(_ requests: [PendingPrediction]) {
    var live = requests[...]
    if requests.contains(where: isStale) {
      live = requests.filter { !dropIfStale($0) }[...]
    }
    load.batchBegins()
    defer { load.batchEnds() }
    while !live.isEmpty {
      let batch = live.prefix(batchLength(live))
      let duration = runner.withLock { runner -> UInt64? in
        let start = MonotonicClock.now()
        runner.run(batch)
        return runner.hasPrepared ? nil : MonotonicClock.now() - start
      }
      let rows = batch.reduce(0) { $0 + $1.rowCount }
      // One batch of a model runs at a time: all its threads share a stripe without meeting there.
      metrics.batches.observe(UInt64(rows), stripe: 0)
      for request in batch { request.reset() }
      state.withLock { state in
        if let duration { state.cost.note(rows: rows, nanoseconds: duration) }
        let room = max(0, Self.idleRequestsMax - state.idleRequests.count)
        state.idleRequests.append(contentsOf: batch.prefix(room))
      }
      live = live.dropFirst(batch.count)
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
        : ServiceError(.clientClosedRequest, "the client closed the connection")
    )
    recycle(request)
    return true
  }

  /// Elements of the largest input that `warmUp` makes.
  private static let warmUpElementsMax = 1 << 26

  /// Runs the smallest batch once with zeros, so that the first request finds everything compiled and the
  /// cost is known.
  ///
  /// - Throws: What the model says.
  func warmUp() throws {
    guard signature.hasKnownRows, signature.batching != .none else { return }
    let rows = if case .fixed(let count) = signature.batching { count } else { 1 }
    let request = PendingPrediction(signature)
    request.rowCount = rows
    for (staging, field) in zip(request.inputs, signature.inputs) {
      let shape = try Shape(
        validating: [rows] + (field.sizes ?? []).dropFirst().map { $0 ?? 1 }
      )
      // A model this large is warmed up by its first request.
      guard shape.elementCount <= Self.warmUpElementsMax else { return }
      staging.fill(zeros: shape)
    }
    let reply = WarmUpReply()
    request.begin(reply)
    // The first run compiles; the second one tells what a run costs.
    for _ in 0..<2 { runner.withLock { $0.run([request]) } }
    let start = MonotonicClock.now()
    runner.withLock { $0.run([request]) }
    let duration = MonotonicClock.now() - start
    state.withLock { $0.cost.note(rows: rows, nanoseconds: duration) }
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
