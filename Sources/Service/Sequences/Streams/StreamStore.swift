@preconcurrency import Dispatch
import HTTP
import Synchronization

/// The streams that can be read on: those that are made, and those that have ended for a while.
///
/// `@unchecked Sendable`: `timer` and `tickCount` are touched on `queue` only, once `init` is over.
final class StreamStore: @unchecked Sendable {
  private struct State {
    var streams: [String: SequenceStream] = [:]
    /// Their names, the oldest first; some may be gone.
    var order: [String] = []
  }

  private let limits: ServiceLimits
  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "streams", qos: .utility)
  private let timer: any DispatchSourceTimer
  private var tickCount = 0

  /// Seconds between two looks at what has grown old.
  private static let tickSeconds = 5
  /// Looks between two pings: proxies close what is quiet for half a minute.
  private static let ticksPerPing = 3

  init(_ limits: ServiceLimits) {
    self.limits = limits
    timer = DispatchSource.makeTimerSource(queue: queue)
    let interval = DispatchTimeInterval.seconds(Self.tickSeconds)
    timer.schedule(deadline: .now() + interval, repeating: interval)
    timer.setEventHandler { [weak self] in self?.tick() }
    timer.resume()
  }

  deinit { timer.cancel() }

  /// Keeps a stream; the oldest that have ended go where there is no more room.
  ///
  /// - Throws: `ServiceError` 429 where all that are kept are still made.
  func insert(_ stream: SequenceStream) throws(ServiceError) {
    let isFull = state.withLock { state in
      evict(&state, now: MonotonicClock.now(), room: 1)
      guard state.streams.count < limits.streams else { return true }
      state.streams[stream.id] = stream
      state.order.append(stream.id)
      return false
    }
    guard isFull else { return }
    throw ServiceError(
      .tooManyRequests,
      "\(limits.streams) streams are made, as many as there may be",
      retryAfterSeconds: 1
    )
  }

  /// The stream of that name.
  ///
  /// - Throws: `ServiceError` 404 where there is none, or none any more.
  func stream(_ id: String) throws(ServiceError) -> SequenceStream {
    guard RandomIdentifier.isValid(id, StreamID.prefix),
      let stream = state.withLock({ $0.streams[id] })
    else {
      throw ServiceError(
        .notFound,
        "there is no stream '\(id.prefix(64))'; one is kept for \(limits.streamSeconds) seconds behind its end"
      )
    }
    return stream
  }

  /// Looks at what has grown old, and keeps connections alive.
  private func tick() {
    tickCount += 1
    let pings = tickCount % Self.ticksPerPing == 0
    let streams = state.withLock { state in
      evict(&state, now: MonotonicClock.now(), room: 0)
      return pings ? Array(state.streams.values) : []
    }
    for stream in streams { stream.ping() }
  }

  /// Lets streams go that ended long ago, and the oldest of those that have ended where they are too many or too large.
  private func evict(_ state: inout State, now: UInt64, room: Int) {
    var count = state.streams.count + room
    var byteCount = state.streams.values.reduce(0) { $0 + $1.byteCount }
    let retention = UInt64(clamping: limits.streamSeconds) * 1_000_000_000
    state.order.removeAll { id in
      guard let stream = state.streams[id] else { return true }
      guard let endedAt = stream.endedAt else { return false }
      guard now >= endedAt + retention || count > limits.streams || byteCount > limits.streamsBytes
      else { return false }
      count -= 1
      byteCount -= stream.byteCount
      state.streams[id] = nil
      return true
    }
  }
}
