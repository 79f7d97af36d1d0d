internal import Glibc

/// A connected socket whose calls wait until a deadline.
final class ClientSocket {
  private let descriptor: FileDescriptor

  /// Connects to the first address of `host` that answers.
  init(host: String, port: UInt16, _ deadline: Nanoseconds) throws(HTTPClient.Failure) {
    descriptor = try Self.connect(host, port, deadline)
  }

  private static func connect(
    _ host: String,
    _ port: UInt16,
    _ deadline: Nanoseconds
  ) throws(HTTPClient.Failure) -> FileDescriptor {
    var failure = HTTPClient.Failure.closed
    for address in try resolve(host, port) {
      do throws(HTTPClient.Failure) {
        return try connect(address, deadline)
      } catch {
        failure = error
      }
    }
    throw failure
  }

  private static func resolve(
    _ host: String,
    _ port: UInt16
  ) throws(HTTPClient.Failure) -> [SocketAddress] {
    do throws(SocketError) {
      return try SocketAddress.resolve(host: host, port: port, passive: false)
    } catch {
      throw .socket(error)
    }
  }

  private static func connect(
    _ address: SocketAddress,
    _ deadline: Nanoseconds
  ) throws(HTTPClient.Failure) -> FileDescriptor {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let raw = Glibc.socket(address.family, type, 0)
    guard raw >= 0 else { throw .socket(SocketError("socket", errno)) }
    let descriptor = FileDescriptor(owning: raw)
    SocketOption.set(raw, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    if address.withPointer({ Glibc.connect(raw, $0, $1) }) != 0 {
      guard errno == EINPROGRESS else { throw .socket(SocketError("connect", errno)) }
      try wait(raw, POLLOUT, deadline)
      var code: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(raw, SOL_SOCKET, SO_ERROR, &code, &size)
      guard code == 0 else { throw .socket(SocketError("connect", code)) }
    }
    return descriptor
  }

  private static func wait(
    _ raw: Int32,
    _ events: Int32,
    _ deadline: Nanoseconds
  ) throws(HTTPClient.Failure) {
    while true {
      let left = (deadline - Clock.now()) / 1_000_000
      guard left >= 0 else { throw .timeout }
      var entry = pollfd(fd: raw, events: Int16(events), revents: 0)
      let count = poll(&entry, 1, Int32(clamping: left + 1))
      if count > 0 { return }
      if count < 0, errno != EINTR { throw .socket(SocketError("poll", errno)) }
    }
  }

  /// Sends everything.
  func write(
    _ bytes: UnsafeRawBufferPointer,
    _ deadline: Nanoseconds
  ) throws(HTTPClient.Failure) {
    var sent = 0
    while sent < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
      let count = send(
        descriptor.rawValue,
        rest.baseAddress,
        rest.count,
        Int32(MSG_NOSIGNAL)
      )
      if count >= 0 {
        sent += count
      } else if errno == EAGAIN {
        try Self.wait(descriptor.rawValue, POLLOUT, deadline)
      } else if errno != EINTR {
        throw errno == EPIPE || errno == ECONNRESET
          ? .closed : .socket(SocketError("send", errno))
      }
    }
  }

  /// Receives what is there, waiting for at least one byte; `.closed` at the end.
  func read(into buffer: inout ByteBuffer, _ deadline: Nanoseconds) throws(HTTPClient.Failure) {
    while true {
      let target = buffer.reserve(16 * 1024)
      let count = recv(descriptor.rawValue, target, buffer.spare, 0)
      if count > 0 {
        buffer.commit(count)
        return
      }
      if count == 0 || errno == ECONNRESET { throw .closed }
      if errno == EAGAIN {
        try Self.wait(descriptor.rawValue, POLLIN, deadline)
      } else if errno != EINTR {
        throw .socket(SocketError("recv", errno))
      }
    }
  }

  /// Sends no more.
  func closeWriting() { _ = shutdown(descriptor.rawValue, Int32(SHUT_WR)) }
}
