import HTTP
import Synchronization

/// One answer sent as it is made.
///
/// Events go into a bounded log and from there to the reader, as fast as the reader reads: whoever computes never
/// waits, and a reader that falls behind the log is sent away. The thread of the reader's event loop takes them out of the log: the
/// first at once, those that come soon after at the loop's next beat, many with one call. A client whose connection broke may read on from the
/// event it has seen last while the log is kept; what is computed goes on without a reader for the time that the
/// request allowed, by default none.
final class SequenceStream: SequenceOutcome {
  /// A client's connection.
  private struct Reader {
    let stream: ResponseStream
    /// Tells readers apart.
    let serial: Int
    /// Number of the last event that was sent.
    var sent: Int
    /// Bytes sent since the connection had room.
    var unconfirmed = 0
    /// Whether the connection has yet to say that it has room.
    var isWaiting = false
    /// Whether the loop's thread is about to look for events, now or at its next beat.
    var isScheduled = true
  }

  private struct State: ~Copyable {
    var log: EventLog
    var reader: Reader?
    var readerCount = 0
    /// When the last reader went away, on `MonotonicClock`; nil while there is one, and before the first.
    var lonelySince: UInt64?
    /// When the last event came; nil before it.
    var endedAt: UInt64?

    /// The reader, if its loop has to be told that there is something to send.
    mutating func readerToWake() -> Reader? {
      guard let reader, !reader.isScheduled, !reader.isWaiting else { return nil }
      self.reader?.isScheduled = true
      return reader
    }
  }

  /// What a sender does next.
  private enum Step {
    case write(ResponseStream, [UInt8], waits: Bool)
    case pause(ResponseStream)
    case finish(ResponseStream, [UInt8])
  }

  let id: String
  private let format: any StreamFormat
  private let metrics: SequenceMetrics
  /// How long the answer is made on without a reader, nanoseconds.
  private let resumeNanoseconds: UInt64
  private let headers: ResponseHeaders
  private let state: Mutex<State>

  /// Bytes sent before the connection must have had room again.
  static let unconfirmedBytesMax = 32 * 1024

  init(
    _ id: String,
    _ format: any StreamFormat,
    headers: ResponseHeaders,
    metrics: SequenceMetrics,
    byteCountMax: Int,
    resumeSeconds: Int
  ) {
    self.id = id
    self.format = format
    self.headers = headers
    self.metrics = metrics
    resumeNanoseconds = UInt64(clamping: resumeSeconds) * 1_000_000_000
    state = Mutex(State(log: EventLog(byteCountMax: byteCountMax)))
  }

  /// Bytes of the events that are kept.
  var byteCount: Int { state.withLock { $0.log.byteCount } }

  /// When the last event came; nil before it.
  var endedAt: UInt64? { state.withLock { $0.endedAt } }

  // MARK: - The answer

  var isAbandoned: Bool {
    state.withLock { state in
      if state.endedAt != nil { return true }
      guard let since = state.lonelySince, MonotonicClock.now() >= since + resumeNanoseconds else {
        return false
      }
      let error = ServiceError(
        .clientClosedRequest,
        "the reader went away, so the answer was not completed"
      )
      end(&state) { format.append(error, code: .cancelled, number: $0, to: &$1) }
      return true
    }
  }

  func append(_ piece: SequencePiece) {
    let reader = state.withLock { state -> Reader? in
      guard state.endedAt == nil else { return nil }
      let number = state.log.last + 1
      state.log.append { format.append(piece, number: number, to: &$0) }
      return state.readerToWake()
    }
    if let reader { wake(reader) }
  }

  func finish(_ reply: InstanceReply, row: Int) {
    end { format.append(reply, number: $0, to: &$1) }
  }

  func fail(_ error: ServiceError, row: Int) {
    end { format.append(error, code: StreamFailure(error), number: $0, to: &$1) }
  }

  /// Adds the last event, and has it sent without waiting for a beat.
  private func end(_ write: @Sendable (_ number: Int, inout ByteBuffer) -> Void) {
    let reader = state.withLock { state in
      end(&state, write)
      return state.reader
    }
    if let reader { wake(reader) }
  }

  private func end(
    _ state: inout State,
    _ write: @Sendable (_ number: Int, inout ByteBuffer) -> Void
  ) {
    guard state.endedAt == nil else { return }
    let number = state.log.last + 1
    state.log.append { write(number, &$0) }
    state.endedAt = MonotonicClock.now()
  }

  // MARK: - Readers

  /// Sends the events behind one to a client, those that are there and those that will come; a reader before it ends.
  ///
  /// - Parameters:
  ///   - number: The event that the client has seen last, 0 for none.
  ///   - responder: The client.
  /// - Throws: `ServiceError` 400 for an event that there is not yet, 410 for one whose followers are no longer kept.
  func attach(after number: Int, _ responder: Responder) throws(ServiceError) {
    let refusal: ServiceError? = state.withLock { state in
      guard number <= state.log.last else {
        return .invalid(
          "'Last-Event-ID' is number \(number), the stream's last event is \(state.log.last)"
        )
      }
      guard number >= state.log.dropped else {
        return ServiceError(
          .gone,
          "the events behind number \(number) are no longer kept; the oldest is \(state.log.dropped + 1)"
        )
      }
      return nil
    }
    if let refusal { throw refusal }
    let stream = responder.stream(.ok, .eventStream, headers: headers)
    let (serial, previous) = state.withLock { state -> (Int, ResponseStream?) in
      let previous = state.reader?.stream
      state.readerCount += 1
      state.reader = Reader(stream: stream, serial: state.readerCount, sent: number)
      state.lonelySince = nil
      return (state.readerCount, previous)
    }
    metrics.addStreams(1)
    if let previous {
      previous.abort()
      metrics.addStreams(-1)
    }
    // Not weak, which would make every use of this object slower: the connection lets go when it has answered or is closed.
    responder.onCancel { [self] in detach(serial) }
    stream.perform { [self] in send(serial) }
  }

  private func detach(_ serial: Int) {
    let wasReader = state.withLock { state in
      guard state.reader?.serial == serial else { return false }
      state.reader = nil
      state.lonelySince = MonotonicClock.now()
      return true
    }
    if wasReader { metrics.addStreams(-1) }
  }

  /// Sends a comment that keeps the connection alive.
  func ping() {
    let stream = state.withLock { state -> ResponseStream? in
      guard let reader = state.reader, !reader.isWaiting, !reader.isScheduled else { return nil }
      return reader.stream
    }
    stream?.write(ServerSentEvent.ping)
  }

  // MARK: - Sending

  /// Has the reader's loop send what there is.
  private func wake(_ reader: Reader) {
    let serial = reader.serial
    reader.stream.perform { [self] in send(serial) }
  }

  /// Sends a reader what there is, on the thread of its loop.
  private func send(_ serial: Int) {
    var hasWritten = false
    // Nothing is called inside the lock: a connection that breaks calls `detach` at once.
    while let step = state.withLock({ nextStep(&$0, serial, hasWritten) }) {
      switch step {
      case .write(let stream, let bytes, let waits):
        hasWritten = true
        stream.write(bytes)
        if waits { stream.whenReady { [self] in confirm(serial) } }
      case .pause(let stream):
        stream.atNextBeat { [self] in send(serial) }
        return
      case .finish(let stream, let bytes):
        if !bytes.isEmpty { stream.write(bytes) }
        stream.finish()
        metrics.addStreams(-1)
        return
      }
    }
  }

  /// What is to be done next; nil where there is nothing, or somebody else reads by now.
  private func nextStep(_ state: inout State, _ serial: Int, _ hasWritten: Bool) -> Step? {
    guard var reader = state.reader, reader.serial == serial, !reader.isWaiting else { return nil }
    let room = Self.unconfirmedBytesMax - reader.unconfirmed
    guard let (bytes, last) = state.log.events(after: reader.sent, byteCount: room) else {
      state.reader = nil
      state.lonelySince = MonotonicClock.now()
      let error = ServiceError(
        .gone,
        "the stream was read too slowly: events behind number \(reader.sent) are no longer kept"
      )
      var event = ByteBuffer()
      format.append(error, code: .overrun, number: state.log.dropped, to: &event)
      return .finish(reader.stream, [UInt8](event.readable))
    }
    if last == state.log.last, state.endedAt != nil {
      state.reader = nil
      return .finish(reader.stream, bytes)
    }
    guard !bytes.isEmpty else {
      // Where something was sent just now, more will soon have come.
      state.reader?.isScheduled = hasWritten
      return hasWritten ? .pause(reader.stream) : nil
    }
    reader.sent = last
    reader.unconfirmed += bytes.count
    reader.isWaiting = reader.unconfirmed >= Self.unconfirmedBytesMax
    state.reader = reader
    return .write(reader.stream, bytes, waits: reader.isWaiting)
  }

  private func confirm(_ serial: Int) {
    let isReader = state.withLock { state in
      guard state.reader?.serial == serial else { return false }
      state.reader?.isWaiting = false
      state.reader?.unconfirmed = 0
      return true
    }
    if isReader { send(serial) }
  }
}
