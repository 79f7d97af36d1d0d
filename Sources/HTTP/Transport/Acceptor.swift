internal import Glibc
internal import Synchronization

/// How many connections are open, in all and per client address.
///
/// Any thread.
final class ConnectionGate: Sendable {
  private let limits: ServerLimits
  private let counts = Mutex<(all: Int, byAddress: [[UInt8]: Int])>((0, [:]))

  init(limits: ServerLimits) {
    self.limits = limits
  }

  /// What to do with one more connection.
  enum Verdict: Equatable {
    case accept
    case reject(String)
  }

  /// Counts a new connection.
  func connectionOpened(_ address: [UInt8]) -> Verdict {
    counts.withLock { counts in
      counts.all += 1
      if limits.connectionsPerAddress > 0 {
        let count = counts.byAddress[address, default: 0] + 1
        counts.byAddress[address] = count
        if count > limits.connectionsPerAddress {
          return .reject("Your address has \(limits.connectionsPerAddress) connections already.")
        }
      }
      return counts.all > limits.connections
        ? .reject("The server has \(limits.connections) connections already.") : .accept
    }
  }

  /// Counts a connection that has closed.
  func connectionClosed(_ address: [UInt8]) {
    counts.withLock { counts in
      counts.all -= 1
      if limits.connectionsPerAddress > 0, let count = counts.byAddress[address] {
        counts.byAddress[address] = count > 1 ? count - 1 : nil
      }
    }
  }

  /// Whether so many wait for their 503 that accepting must pause.
  var isFull: Bool {
    counts.withLock { $0.all >= limits.connections + limits.rejectedConnections }
  }

  /// Open connections.
  var count: Int { counts.withLock { $0.all } }
}

/// Accepts connections on the first loop and spreads them over all of them.
///
/// Used on the first loop's thread only.
final class Acceptor {
  private var listener: ListeningSocket
  private let loops: [EventLoop]
  private let gate: ConnectionGate
  private var isPaused = false
  /// When accepting goes on after a pause.
  private(set) var resumeTime: Nanoseconds = .never

  /// Connections accepted per iteration at most, so that a flood does not starve those that exist.
  private static let mostPerIteration = 64
  /// Length of a pause when descriptors or connections are exhausted, seconds.
  private static let pauseSeconds = 0.05

  init(listener: consuming ListeningSocket, loops: [EventLoop], gate: ConnectionGate) {
    self.listener = listener
    self.loops = loops
    self.gate = gate
  }

  private var home: EventLoop { loops[0] }

  /// Starts accepting; on the first loop's thread.
  func start() -> Bool {
    home.poller.add(listener.descriptor.rawValue, .read, token: EventLoop.acceptorToken)
  }

  /// Accepts who is waiting.
  func acceptWaiting() {
    for _ in 0..<Self.mostPerIteration where !isPaused {
      guard acceptOne() else { return }
    }
  }

  /// Goes on after a pause.
  func resume(_ now: Nanoseconds) {
    guard isPaused, now >= resumeTime else { return }
    isPaused = false
    resumeTime = .never
    home.poller.modify(listener.descriptor.rawValue, .read, token: EventLoop.acceptorToken)
  }

  /// Stops accepting, after a last look at who is waiting: closing resets those in the queue.
  func close() {
    for _ in 0..<home.limits.backlog where acceptOne() {}
    home.poller.remove(listener.descriptor.rawValue)
    listener.close()
  }

  /// Accepts one connection; false when nobody waits or nobody can be taken.
  private func acceptOne() -> Bool {
    guard !gate.isFull else {
      pause()
      return false
    }
    switch listener.accept() {
    case .none: return false
    case .exhausted:
      // Level-triggered readiness would make the loop spin until a descriptor is free.
      pause()
      return false
    case .connection(let socket, let address):
      SocketOption.set(socket.rawValue, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
      hand(socket, address.hostBytes)
      return true
    }
  }

  private func pause() {
    isPaused = true
    resumeTime = Clock.now().after(Self.pauseSeconds)
    home.poller.modify(listener.descriptor.rawValue, [], token: EventLoop.acceptorToken)
  }

  /// Gives the connection to the loop that has fewest.
  private func hand(_ socket: consuming FileDescriptor, _ address: [UInt8]) {
    var target = home
    var fewest = Int.max
    for loop in loops {
      let count = loop.connectionCount.load(ordering: .relaxed)
      if count < fewest {
        fewest = count
        target = loop
      }
    }
    let rejection: RequestError? =
      switch gate.connectionOpened(address) {
      case .accept: nil
      case .reject(let message): RequestError(.serviceUnavailable, message)
      }
    target.connectionCount.wrappingAdd(1, ordering: .relaxed)
    let descriptor = socket.release()
    target.perform { [target, gate] in
      target.adopt(
        FileDescriptor(owning: descriptor),
        clientAddress: address,
        gate: gate,
        rejection: rejection
      )
    }
  }
}
