internal import Glibc
internal import Synchronization

/// One client connection on its event loop.
///
/// `@unchecked Sendable`: everything but `cancelledGeneration` (atomic) is touched on the loop's
/// thread only. Responders reach it from elsewhere through `EventLoop.submit`. While a request is in
/// flight its bytes in `input` are neither moved nor changed.
final class Connection: @unchecked Sendable {
  let loop: EventLoop
  let handler: any RequestHandler
  let token: UInt64
  /// The client's address bytes, for limits per address.
  let clientAddress: [UInt8]
  let gate: ConnectionGate
  var socket: FileDescriptor
  var input = ByteBuffer()
  var output = ByteBuffer()
  var state: ConnectionState
  let request = Request()
  /// Number of the request in flight or last answered; responders carry it.
  var generation: UInt64 = 0
  /// Whether a handler owes the answer to `generation`.
  var isInFlight = false
  /// Whether that answer is a stream that has begun, and how it is framed.
  var streamFraming: ResponseSerializer.Framing?
  var streamDropsBody = false
  var streamKeepsAlive = false
  /// Bytes that a stream of known length still owes.
  var streamRemaining = 0
  /// Called when most of the stream so far is sent.
  var streamReadyAction: (@Sendable () -> Void)?
  /// What takes the body being received, until it is complete.
  var sink: (any BodySink)?
  /// Whether that sink wants no more bytes for now.
  var isBodyPaused = false
  var cancelAction: (@Sendable () -> Void)?
  private let cancelledGeneration = Atomic<UInt64>(0)
  var interest: Poller.Events = .read
  /// How many bytes the parser is waiting for.
  var wantedBytes = 1
  /// Whether it is in the loop's list of connections to flush, or to go on parsing.
  var isDirty = false
  var isReady = false
  var isAdvancing = false
  /// Whether later requests wait until a slow reader has taken its answers; `flush` goes on.
  var isStalled = false
  /// No more requests; close once `output` is sent.
  var closesAfterFlush = false
  /// The request that failed left bytes that we do not read: close gently.
  var lingers = false
  var isLingering = false
  var lingeredBytes = 0
  var writeProgress: RateDeadline?
  var writtenBytes = 0
  /// When `sweep` must look at it.
  var deadline: Nanoseconds = .never

  init(
    loop: EventLoop,
    handler: any RequestHandler,
    socket: consuming FileDescriptor,
    token: UInt64,
    clientAddress: [UInt8],
    gate: ConnectionGate
  ) {
    self.loop = loop
    self.handler = handler
    self.socket = socket
    self.token = token
    self.clientAddress = clientAddress
    self.gate = gate
    state = ConnectionState(limits: loop.limits, now: loop.now)
    request.loopIndex = loop.index
    request.isFromLoopback = Self.isLoopback(clientAddress)
    updateDeadline(state.deadline)
  }

  /// Whether these are the bytes of 127.0.0.0/8, of ::1, or of the former mapped into IPv6.
  static func isLoopback(_ address: [UInt8]) -> Bool {
    if address.count == 4 { return address[0] == 127 }
    let zeros = [UInt8](repeating: 0, count: 10)
    guard address.count == 16, address.starts(with: zeros) else { return false }
    let rest = Array(address[10...])
    return rest == [0, 0, 0, 0, 0, 1] || rest.starts(with: [0xFF, 0xFF, 127])
  }

  /// Whether the client of this request has gone.
  ///
  /// Any thread.
  func isCancelled(_ generation: UInt64) -> Bool {
    cancelledGeneration.load(ordering: .acquiring) >= generation
  }

  func setCancelAction(_ generation: UInt64, _ action: @escaping @Sendable () -> Void) {
    guard generation == self.generation, isInFlight else { return }
    if isCancelled(generation) { action() } else { cancelAction = action }
  }

  /// Tells the handler of the request in flight that its client has gone.
  func cancelInFlight() {
    guard isInFlight, !isCancelled(generation) else { return }
    cancelledGeneration.store(generation, ordering: .releasing)
    let action = cancelAction
    cancelAction = nil
    action?()
  }

  /// Closes at once.
  func close() {
    guard socket.isOpen else { return }
    loop.remove(self)
    socket.close()
    state.close()
    abandonBody()
    streamReadyAction = nil
    cancelInFlight()
    closesAfterFlush = true
    output.consume(output.count)
    loop.outputs.drain(&output)
    if !isInFlight {
      input.consume(input.count)
      loop.inputs.drain(&input)
    }
  }

  /// Changes what epoll waits for, if it differs.
  func setInterest(_ events: Poller.Events) {
    guard events != interest, socket.isOpen else { return }
    interest = events
    loop.poller.modify(socket.rawValue, events, token: token)
  }

  func updateDeadline(_ time: Nanoseconds) {
    deadline = time
    loop.noteDeadline(time)
  }

  /// Recomputes when the loop must look at this connection next.
  func refreshDeadline() {
    var earliest = state.deadline
    if let writeProgress { earliest = min(earliest, writeProgress.deadline(after: writtenBytes)) }
    if earliest != deadline { updateDeadline(earliest) }
  }

  /// Handles a deadline that has passed.
  func deadlinePassed(now: Nanoseconds) {
    if isLingering {
      close()
      return
    }
    if let writeProgress, now >= writeProgress.deadline(after: writtenBytes) {
      close()
      return
    }
    switch state.timedOut(now: now) {
    case .none: refreshDeadline()
    case .close: close()
    case .fail(let error): fail(error)
    }
  }

  /// No further requests after those that are already on their way.
  func beginDrain(now: Nanoseconds) {
    state.limitIdle(until: now.after(loop.limits.drainIdleSeconds))
    refreshDeadline()
  }
}
