internal import CLinux
internal import Glibc
internal import Synchronization

/// One thread that reads, parses, handles and writes for its share of the connections.
///
/// Each iteration reads every socket that is ready, handles what arrived, calls the handler's
/// `endOfIteration`, and then sends each connection's answers with one call.
///
/// `@unchecked Sendable`: the inbox is a mutex, flags are atomics; everything else is touched on the
/// loop's own thread only.
package final class EventLoop: @unchecked Sendable {
  let index: Int
  let limits: ServerLimits
  let handler: any RequestHandler
  let poller: Poller
  private let wakeUp: FileDescriptor
  /// Work from other threads; nil once the loop has ended.
  private let inbox = Mutex<[@Sendable () -> Void]?>([])
  private let inboxIsFull = Atomic<Bool>(false)
  private let isAsleep = Atomic<Bool>(false)
  private let thread = Atomic<UInt>(0)
  /// Open connections and handled requests, for statistics and for spreading connections.
  let connectionCount = Atomic<Int>(0)
  let requestCount = Atomic<Int>(0)

  var connections: [Connection?] = []
  private var slotGenerations: [UInt32] = []
  private var freeSlots: [Int] = []
  private var ready: [Connection] = []
  private var readySpare: [Connection] = []
  private var dirty: [Connection] = []
  /// Two pools: a response is small, and must not take the one buffer that requests keep warm.
  var inputs = BufferPool()
  var outputs = BufferPool()
  var serializer = ResponseSerializer()
  /// The time of this iteration.
  private(set) var now = Clock.now()
  private var nextSweep: Nanoseconds = .never
  /// Work for the next beat, and when that is: never while there is none.
  private var beatWork: [() -> Void] = []
  private var nextBeat: Nanoseconds = .never
  private var spinner: Spinner
  var acceptor: Acceptor?
  private let draining = Atomic<Bool>(false)
  private var drainDeadline: Nanoseconds = .never
  private var isStopped = false

  /// Time between two beats, at which streams that are written all the time go out together: one call and one wake-up for what would
  /// be many, and nothing that a reader notices.
  static let beatNanoseconds: Nanoseconds = 5_000_000

  private static let wakeToken = UInt64.max
  static let acceptorToken = UInt64.max - 1

  init(
    index: Int,
    limits: ServerLimits,
    spinMicroseconds: Int,
    handler: any RequestHandler
  ) throws(SocketError) {
    self.index = index
    self.limits = limits
    self.handler = handler
    spinner = Spinner(microseconds: spinMicroseconds)
    poller = try Poller()
    wakeUp = try FileDescriptor("eventfd", eventfd(0, martlet_EFD_FLAGS))
    guard poller.add(wakeUp.rawValue, .read, token: Self.wakeToken) else {
      throw SocketError("epoll_ctl", errno)
    }
  }

  // MARK: - From any thread

  /// Whether the caller runs on the loop's thread.
  package var isCurrent: Bool {
    thread.load(ordering: .relaxed) == UInt(pthread_self())
  }

  /// Runs `work` on the loop's thread, in order, soon; never if the loop has ended.
  package func submit(_ work: @escaping @Sendable () -> Void) {
    inbox.withLock { $0?.append(work) }
    inboxIsFull.store(true, ordering: .sequentiallyConsistent)
    if isAsleep.exchange(false, ordering: .sequentiallyConsistent) {
      var one: UInt64 = 1
      _ = write(wakeUp.rawValue, &one, 8)
    }
  }

  /// Runs `work` on the loop's thread: now if this is it.
  package func perform(_ work: @escaping @Sendable () -> Void) {
    if isCurrent { work() } else { submit(work) }
  }

  /// Whether responses say `Connection: close` because the server is ending.
  var isDraining: Bool { draining.load(ordering: .relaxed) }

  // MARK: - The loop

  /// Runs until drained or stopped.
  func run() {
    thread.store(UInt(pthread_self()), ordering: .relaxed)
    while !isStopped {
      let count = wait()
      now = Clock.now()
      serializer.date.update(unixSeconds: Clock.unixSeconds())
      if count > 0 { spinner.noteActivity(now) }
      for position in 0..<count { dispatch(poller.event(position)) }
      if now >= nextBeat { beat() }
      let worked = runInbox() || count > 0 || !ready.isEmpty
      if worked { handleReady() }
      flush()
      if now >= nextSweep { sweep() }
      acceptor?.resume(now)
      if isDraining { checkDrained() }
    }
    for connection in connections { connection?.close() }
    // It has the listening socket, and all loops: nobody would ever go.
    acceptor = nil
    // Late answers must not pile up, nor keep this loop alive.
    beatWork = []
    inbox.withLock { $0 = nil }
    thread.store(0, ordering: .relaxed)
  }

  /// Waits for events: briefly without sleeping when traffic is brisk, then asleep.
  private func wait() -> Int {
    if !ready.isEmpty { return poller.wait(milliseconds: 0) }
    if spinner.begin(now) {
      repeat {
        let count = poller.wait(milliseconds: 0)
        if count > 0 || inboxIsFull.load(ordering: .relaxed) {
          spinner.succeeded()
          return count
        }
      } while spinner.goesOn(Clock.now())
      spinner.failed()
    }
    isAsleep.store(true, ordering: .sequentiallyConsistent)
    defer { isAsleep.store(false, ordering: .sequentiallyConsistent) }
    if inboxIsFull.load(ordering: .sequentiallyConsistent) { return poller.wait(milliseconds: 0) }
    return poller.wait(milliseconds: timeout())
  }

  /// Milliseconds until the next deadline; -1 when there is none.
  private func timeout() -> Int32 {
    let next = min(nextSweep, nextBeat, drainDeadline, acceptor?.resumeTime ?? .never)
    guard next < .never else { return -1 }
    let wait = max(0, next - Clock.now())
    return Int32(clamping: min(wait / 1_000_000 + 1, 60_000))
  }

  private func dispatch(_ event: (token: UInt64, events: Poller.Events)) {
    switch event.token {
    case Self.wakeToken:
      var value: UInt64 = 0
      _ = read(wakeUp.rawValue, &value, 8)
    case Self.acceptorToken:
      acceptor?.acceptWaiting()
    default:
      let slot = Int(event.token & 0xFFFF_FFFF)
      guard slot < connections.count, let connection = connections[slot],
        connection.token == event.token
      else { return }
      if !event.events.isDisjoint(with: .gone) {
        connection.close()
        return
      }
      if event.events.contains(.write) { markDirty(connection) }
      if event.events.contains(.read) { connection.readable() }
    }
  }

  private func runInbox() -> Bool {
    guard inboxIsFull.exchange(false, ordering: .sequentiallyConsistent) else { return false }
    let work = inbox.withLock { queue in
      defer { queue = [] }
      return queue ?? []
    }
    for item in work { item() }
    return true
  }

  /// Runs `work` on this thread at the next beat; never if the loop ends first.
  func atNextBeat(_ work: @escaping () -> Void) {
    beatWork.append(work)
    if nextBeat == .never { nextBeat = now + Self.beatNanoseconds }
  }

  private func beat() {
    nextBeat = .never
    let work = beatWork
    beatWork = []
    beatWork.reserveCapacity(work.count)
    for item in work { item() }
  }

  /// Lets the handler run its batch, and connections whose answer it gave go on to their next
  /// request, for a few rounds.
  private func handleReady() {
    for _ in 0..<4 {
      swap(&ready, &readySpare)
      for connection in readySpare {
        connection.isReady = false
        connection.advance()
      }
      readySpare.removeAll(keepingCapacity: true)
      handler.endOfIteration(loopIndex: index)
      if ready.isEmpty { break }
    }
  }

  private func flush() {
    // By index: a cancel action run by a broken connection may answer another one.
    var position = 0
    while position < dirty.count {
      let connection = dirty[position]
      connection.isDirty = false
      connection.flush()
      position += 1
    }
    dirty.removeAll(keepingCapacity: true)
  }

  // MARK: - Lists

  func markDirty(_ connection: Connection) {
    guard !connection.isDirty else { return }
    connection.isDirty = true
    dirty.append(connection)
  }

  func markReady(_ connection: Connection) {
    guard !connection.isReady else { return }
    connection.isReady = true
    ready.append(connection)
  }

  // MARK: - Connections

  /// Takes over an accepted socket; `rejection` is answered at once instead of any request.
  func adopt(
    _ socket: consuming FileDescriptor,
    clientAddress: [UInt8],
    gate: ConnectionGate,
    rejection: RequestError?
  ) {
    let descriptor = socket.rawValue
    let slot = freeSlots.popLast() ?? connections.count
    if slot == connections.count {
      connections.append(nil)
      slotGenerations.append(0)
    }
    slotGenerations[slot] = (slotGenerations[slot] &+ 1) & 0x7FFF_FFFF
    let token = UInt64(slotGenerations[slot]) << 32 | UInt64(slot)
    let connection = Connection(
      loop: self,
      handler: handler,
      socket: socket,
      token: token,
      clientAddress: clientAddress,
      gate: gate
    )
    connections[slot] = connection
    guard poller.add(descriptor, .read, token: token) else {
      connection.close()
      return
    }
    if isDraining { connection.beginDrain(now: now) }
    if let rejection { connection.fail(rejection) }
  }

  /// Forgets a connection that is closing.
  func remove(_ connection: Connection) {
    let slot = Int(connection.token & 0xFFFF_FFFF)
    connections[slot] = nil
    freeSlots.append(slot)
    connectionCount.wrappingSubtract(1, ordering: .relaxed)
    connection.gate.connectionClosed(connection.clientAddress)
  }

  // MARK: - Deadlines

  func noteDeadline(_ deadline: Nanoseconds) {
    nextSweep = min(nextSweep, deadline)
  }

  /// Looks at every connection's deadline.
  ///
  /// Rare: the earliest deadline noted is usually still ahead by seconds when it is replaced by
  /// later ones.
  private func sweep() {
    nextSweep = .never
    for connection in connections {
      guard let connection else { continue }
      if connection.deadline <= now { connection.deadlinePassed(now: now) }
      if connection.socket.isOpen { nextSweep = min(nextSweep, connection.deadline) }
    }
    // Deadlines are met to 10 ms, so that many of them cannot make the loop spin.
    if nextSweep < .never { nextSweep = max(nextSweep, now + 10_000_000) }
    flush()
  }

  // MARK: - Drain

  /// Answers what is in flight, closes what is idle, and ends; at the latest after `seconds`.
  func beginDrain(seconds: Double) {
    guard !isDraining else { return }
    draining.store(true, ordering: .relaxed)
    drainDeadline = now.after(seconds)
    for connection in connections { connection?.beginDrain(now: now) }
  }

  /// Ends now.
  func stop() { isStopped = true }

  private func checkDrained() {
    let isIdle = connections.count == freeSlots.count && ready.isEmpty
    if isIdle && acceptor == nil || now >= drainDeadline { isStopped = true }
  }
}
