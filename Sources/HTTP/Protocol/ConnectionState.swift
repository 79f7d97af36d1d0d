/// The life of one server connection without any I/O: bytes and the time go in, events come out.
///
/// One request is looked at at a time, so pipelined requests (RFC 9112 §9.3.2) are answered in order
/// by construction: later ones wait, unparsed, behind it in the same buffer.
struct ConnectionState {
  /// What the owner has to do next.
  enum Event: Equatable {
    /// Read more, at least this many bytes if they come.
    case needBytes(Int)
    /// A head with a body is complete: call `admit` and go on.
    case head
    /// Send `100 Continue` and go on.
    case sendContinue
    /// These offsets of `input` hold the next bytes of a streamed body: hand them over and go on.
    case piece(Range<Int>)
    /// The request is complete: handle it, then call `responseFinished`.
    case request
    /// Answer with this error and close.
    case failed(RequestError)
    /// A request is being answered, or the connection is closing.
    case paused
  }

  /// What to do about a deadline that has passed.
  enum Timeout: Equatable {
    case none
    /// Nothing was being received: close without a word.
    case close
    /// Answer with this error and close.
    case fail(RequestError)
  }

  private enum Phase {
    case head, admission, body, responding, closed
  }

  private let limits: ServerLimits
  private var phase = Phase.head
  private var parser = RequestHeadParser()
  private var decoder: ChunkedDecoder?
  /// A body that is handed over as it arrives; nil for one that is collected.
  private var pieces: BodyPieces?
  private var isStreamed = false
  private var rate: RateDeadline?
  /// Since when nobody reads the body.
  private var pauseStart: Nanoseconds?
  private var bodyLimit = 0
  private var requestLength = 0
  private var continueWanted = false
  private var headStarted = false
  private(set) var requestCount = 0
  /// When `timedOut` wants to be called.
  private(set) var deadline: Nanoseconds
  /// Whether the client will send nothing more.
  private(set) var inputEnded = false

  init(limits: ServerLimits, now: Nanoseconds) {
    self.limits = limits
    deadline = now.after(limits.idleSeconds)
  }

  /// Whether a request is being answered.
  var isResponding: Bool { phase == .responding }
  /// Whether the connection waits for a request of which nothing has arrived.
  var isIdle: Bool { phase == .head && !headStarted }
  /// Bytes of the request being answered, in the front of the buffer.
  var currentRequestLength: Int { phase == .responding ? requestLength : 0 }

  /// Whether another request may follow the one being answered (RFC 9112 §9.3).
  func mayPersist(after request: Request) -> Bool {
    request.head.keepAlive && requestCount < limits.requestsPerConnection
  }

  /// Looks at what has arrived in `input` and says what to do.
  mutating func next(
    _ input: inout ByteBuffer,
    _ request: Request,
    now: Nanoseconds
  ) -> Event {
    do {
      switch phase {
      case .head: return try readHead(input, request, now)
      case .admission, .body: return try readBody(&input, request, now)
      case .responding, .closed: return .paused
      }
    } catch {
      close()
      return .failed(error)
    }
  }

  /// Answers `.head`: the body may have this many bytes, and comes as `.piece` events if `streamed`.
  mutating func admit(bodyLimit: Int, streamed: Bool = false) {
    self.bodyLimit = max(0, bodyLimit)
    isStreamed = streamed
  }

  /// Nobody reads the body for now: its deadline stands still.
  mutating func pauseBody(now: Nanoseconds) {
    pauseStart = now
    deadline = .never
  }

  /// The body is read again.
  mutating func resumeBody(now: Nanoseconds) {
    guard let start = pauseStart else { return }
    rate?.postpone(by: now - start)
    pauseStart = nil
  }

  /// Nobody needs the bytes of the request being answered any more.
  mutating func releaseRequest(_ input: inout ByteBuffer) {
    guard phase == .responding else { return }
    input.consume(min(requestLength, input.count))
    requestLength = 0
  }

  /// The response is written: makes room for the next request.
  mutating func responseFinished(_ input: inout ByteBuffer, now: Nanoseconds) {
    guard phase == .responding else { return }
    releaseRequest(&input)
    phase = .head
    parser = RequestHeadParser()
    decoder = nil
    pieces = nil
    headStarted = false
    deadline = now.after(limits.idleSeconds)
  }

  /// The client has sent its last byte.
  mutating func endInput() { inputEnded = true }

  /// Nothing more will be read.
  mutating func close() {
    phase = .closed
    deadline = .never
  }

  /// An idle connection waits no longer than this.
  mutating func limitIdle(until time: Nanoseconds) {
    if isIdle { deadline = min(deadline, time) }
  }

  /// What to do when `deadline` may have passed.
  mutating func timedOut(now: Nanoseconds) -> Timeout {
    guard now >= deadline else { return .none }
    let message: String
    switch phase {
    case .head where headStarted:
      message = "The request header took longer than \(limits.headerSeconds) s."
    case .body, .admission:
      message = "The request body came slower than \(limits.bodyBytesPerSecond) bytes/s."
    case .head, .closed:
      close()
      return .close
    case .responding: return .none
    }
    close()
    return .fail(RequestError(.requestTimeout, message))
  }

  // MARK: - Phases

  private mutating func readHead(
    _ input: borrowing ByteBuffer,
    _ request: Request,
    _ now: Nanoseconds
  ) throws(RequestError) -> Event {
    guard !input.isEmpty else { return .needBytes(1) }
    if !headStarted {
      headStarted = true
      deadline = now.after(limits.headerSeconds)
      request.reset()
    }
    guard try parser.parse(BorrowedBytes(input.readable), into: &request.head, limits: limits)
    else { return .needBytes(1) }
    bind(input, request)
    guard request.head.framing != .none else {
      return complete(request, length: request.head.length)
    }
    phase = .admission
    return .head
  }

  private mutating func readBody(
    _ input: inout ByteBuffer,
    _ request: Request,
    _ now: Nanoseconds
  ) throws(RequestError) -> Event {
    let headLength = request.head.length
    if phase == .admission {
      phase = .body
      rate = RateDeadline(
        start: now,
        grace: limits.bodyGraceSeconds,
        bytesPerSecond: limits.bodyBytesPerSecond
      )
      if case .length(let length) = request.head.framing, length > bodyLimit {
        throw RequestError(
          .contentTooLarge,
          "The request body of \(length) bytes exceeds the limit of \(bodyLimit) bytes."
        )
      }
      if isStreamed {
        pieces = BodyPieces(
          request.head.framing,
          headLength: headLength,
          bodyLimit: bodyLimit,
          limits: limits
        )
      } else if request.head.framing == .chunked {
        decoder = ChunkedDecoder(bodyLimit: bodyLimit, limits: limits)
        request.bodyCount = 0
      }
      // RFC 9110 §10.1.1: no 100 when body bytes have already come.
      if request.head.expectsContinue, input.count == headLength { return .sendContinue }
    }
    if isStreamed { return try readPiece(&input, request) }
    if case .length(let length) = request.head.framing {
      let missing = headLength + length - input.count
      if missing <= 0 {
        request.bodyCount = length
        bind(input, request)
        return complete(request, length: headLength + length)
      }
      deadline = rate?.deadline(after: length - missing) ?? .never
      return .needBytes(missing)
    }
    return try decodeChunks(&input, request)
  }

  /// Finds the next bytes of a streamed body; the head stays in front and `request.body` empty.
  private mutating func readPiece(
    _ input: inout ByteBuffer,
    _ request: Request
  ) throws(RequestError) -> Event {
    switch try pieces?.next(&input) ?? .ended(request.head.length) {
    case .needBytes(let count):
      // The room is made now, as making it may move the head.
      _ = input.reserve(count)
      bind(input, request)
      deadline = rate?.deadline(after: pieces?.count ?? 0) ?? .never
      return .needBytes(count)
    case .piece(let range):
      bind(input, request)
      return .piece(range)
    case .ended(let length):
      bind(input, request)
      return complete(request, length: length)
    }
  }

  private mutating func decodeChunks(
    _ input: inout ByteBuffer,
    _ request: Request
  ) throws(RequestError) -> Event {
    guard let bytes = input.readableStart else { return .needBytes(1) }
    // Between calls everything received was decoded, so that reading goes on where writing stopped.
    var write = request.head.length + request.bodyCount
    var read = write
    let ended =
      try decoder?.decode(bytes, read: &read, end: input.count, write: &write) ?? true
    request.bodyCount = write - request.head.length
    if ended {
      bind(input, request)
      return complete(request, length: read)
    }
    input.truncate(to: write)
    deadline = rate?.deadline(after: request.bodyCount) ?? .never
    return .needBytes(1)
  }

  private func bind(_ input: borrowing ByteBuffer, _ request: Request) {
    request.base = input.readableStart.map { UnsafePointer($0) }
    request.bodyStart = request.head.length
  }

  private mutating func complete(_ request: Request, length: Int) -> Event {
    requestLength = length
    requestCount += 1
    phase = .responding
    deadline = .never
    return .request
  }
}
