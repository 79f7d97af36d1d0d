internal import Dispatch
internal import Glibc
internal import Synchronization

/// Where and how a server listens.
package struct ServerConfiguration: Sendable {
  /// A numeric address or `localhost`.
  ///
  /// `0.0.0.0` and `::` mean every interface.
  package var host = "127.0.0.1"
  /// The port; 0 lets the system choose one, see `Server.port`.
  package var port: UInt16 = 0
  /// Event loops, each a thread.
  package var loopCount = 1
  /// How long a loop polls before it sleeps while traffic is brisk, microseconds; 0 never.
  ///
  /// On a virtual machine two halted CPUs wake up, the client's and ours, before a lone connection's next request is there; this must
  /// span both. Measured with one connection: 12,500 requests/s at 50, 19,100 at 200.
  package var spinMicroseconds = 200
  /// The limits.
  package var limits = ServerLimits()

  /// The defaults above.
  package init() {}
}

/// An HTTP/1.1 server: listens on creation, serves from `start`, and ends by draining.
///
/// Once started it runs until `drain` or `stop`, whether anybody keeps it or not.
package final class Server: Sendable {
  /// The port bound.
  package let port: UInt16
  private let configuration: ServerConfiguration
  private let loops: [EventLoop]
  private let gate: ConnectionGate
  private let stopped = DispatchGroup()
  private let state: Mutex<State>

  /// What happened so far; the acceptor waits here until `start` gives it to the first loop.
  private struct State: ~Copyable {
    var listener: ListeningSocket?
    var hasStarted = false
    var isDraining = false
  }

  /// Binds and listens: connections queue up in the kernel until `start`.
  package init(
    _ configuration: ServerConfiguration,
    handler: any RequestHandler
  ) throws(SocketError) {
    let listener = try ListeningSocket(
      host: configuration.host,
      port: configuration.port,
      backlog: configuration.limits.backlog
    )
    port = listener.port
    self.configuration = configuration
    gate = ConnectionGate(limits: configuration.limits)
    var loops: [EventLoop] = []
    for index in 0..<max(1, configuration.loopCount) {
      loops.append(
        try EventLoop(
          index: index,
          limits: configuration.limits,
          spinMicroseconds: configuration.spinMicroseconds,
          handler: handler
        )
      )
    }
    self.loops = loops
    state = Mutex(State(listener: listener))
  }

  /// Open connections.
  package var connectionCount: Int { gate.count }
  /// Requests handed to the handler so far.
  package var requestCount: Int {
    loops.reduce(0) { $0 + $1.requestCount.load(ordering: .relaxed) }
  }
  /// The event loops, to run something on one of them.
  package var eventLoops: [EventLoop] { loops }

  /// Starts the loops' threads.
  ///
  /// A second call does nothing.
  package func start() {
    // A closed peer must be an error of one write, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    let listener = state.withLock { state -> ListeningSocket? in
      state.hasStarted = true
      return state.listener.take()
    }
    guard let listener else { return }
    let acceptor = AcceptorBox(Acceptor(listener: listener, loops: loops, gate: gate))
    let first = loops[0]
    first.submit {
      first.acceptor = acceptor.acceptor
      _ = acceptor.acceptor.start()
    }
    for loop in loops {
      stopped.enter()
      let group = stopped
      LoopThread.start(name: "http-\(loop.index)") {
        loop.run()
        group.leave()
      }
    }
  }

  /// Stops accepting, lets requests in flight finish (their responses say `Connection: close`), and
  /// ends.
  ///
  /// Call it after readiness has been withdrawn for long enough.
  package func drain() {
    let isFirst = state.withLock { state in
      defer { state.isDraining = true }
      return !state.isDraining && state.hasStarted
    }
    guard isFirst else { return }
    let seconds = configuration.limits.drainSeconds
    let others = loops
    let first = loops[0]
    first.submit {
      first.acceptor?.close()
      first.acceptor = nil
      // Behind the connections that the acceptor has just handed over.
      for loop in others { loop.perform { loop.beginDrain(seconds: seconds) } }
    }
  }

  /// Ends now: open connections are cut off.
  package func stop() {
    for loop in loops { loop.submit { loop.stop() } }
  }

  /// Waits until all loops have ended.
  package func waitUntilStopped() { stopped.wait() }

  /// Waits until all loops have ended, `seconds` at most; false if they have not.
  package func waitUntilStopped(seconds: Double) -> Bool {
    stopped.wait(timeout: .now() + seconds) == .success
  }
}

/// Carries the acceptor to the first loop's thread.
///
/// `@unchecked Sendable`: made by `start` and used on the loop's thread only, where `submit` brings it.
private final class AcceptorBox: @unchecked Sendable {
  let acceptor: Acceptor

  init(_ acceptor: Acceptor) {
    self.acceptor = acceptor
  }
}
