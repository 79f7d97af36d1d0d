internal import CLinux
internal import Glibc

/// A socket that accepts connections.
struct ListeningSocket: ~Copyable {
  private(set) var descriptor: FileDescriptor
  /// The port bound, also when port 0 was asked for.
  let port: UInt16

  /// Binds the first usable address of `host` and listens.
  init(host: String, port: UInt16, backlog: Int) throws(SocketError) {
    var failure = SocketError("resolve \(host): no address", 0)
    for address in try SocketAddress.resolve(host: host, port: port, passive: true) {
      do {
        let descriptor = try Self.bind(address, backlog: backlog)
        let raw = descriptor.rawValue
        self.port = SocketAddress.filled { getsockname(raw, $0, $1) }.address.port
        self.descriptor = descriptor
        return
      } catch {
        failure = SocketError("listen on \(host) port \(port): \(error.operation)", error.code)
      }
    }
    throw failure
  }

  private static func bind(
    _ address: SocketAddress,
    backlog: Int
  ) throws(SocketError) -> FileDescriptor {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = try FileDescriptor("socket", socket(address.family, type, 0))
    let raw = descriptor.rawValue
    SocketOption.set(raw, SOL_SOCKET, SO_REUSEADDR, 1)
    guard address.withPointer({ Glibc.bind(raw, $0, $1) }) == 0 else {
      throw SocketError("bind", errno)
    }
    guard listen(raw, Int32(clamping: backlog)) == 0 else { throw SocketError("listen", errno) }
    return descriptor
  }

  /// What `accept` came to.
  enum Accepted: ~Copyable {
    case connection(FileDescriptor, SocketAddress)
    /// Nobody is waiting.
    case none
    /// The process or the system is out of descriptors or memory: try later.
    case exhausted
  }

  /// Takes the next waiting connection.
  func accept() -> Accepted {
    let raw = descriptor.rawValue
    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    while true {
      let (result, address) = SocketAddress.filled { martlet_accept4(raw, $0, $1, flags) }
      if result >= 0 { return .connection(FileDescriptor(owning: result), address) }
      switch errno {
      case EAGAIN: return .none
      case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
      case EBADF, EINVAL: return .none
      default: continue  // EINTR, ECONNABORTED and network errors of the new connection
      }
    }
  }

  /// Stops listening.
  mutating func close() { descriptor.close() }
}

/// Socket options with an integer value.
enum SocketOption {
  static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
    var value = value
    _ = setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
  }
}
