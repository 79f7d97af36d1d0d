internal import Glibc

/// An IPv4 or IPv6 address with its port.
struct SocketAddress {
  private var storage = sockaddr_storage()
  private(set) var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

  /// The addresses of a numeric host or of a name that the machine itself knows, such as `localhost`.
  static func resolve(
    host: String,
    port: UInt16,
    passive: Bool
  ) throws(SocketError) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : 0)
    var list: UnsafeMutablePointer<addrinfo>?
    let bare =
      host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    let status = getaddrinfo(bare, String(port), &hints, &list)
    guard status == 0 else {
      throw SocketError("resolve \(host): \(String(cString: gai_strerror(status)))", 0)
    }
    defer { freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var next = list
    while let entry = next {
      if let source = entry.pointee.ai_addr {
        var address = SocketAddress()
        address.length = entry.pointee.ai_addrlen
        withUnsafeMutableBytes(of: &address.storage) {
          $0.copyMemory(from: UnsafeRawBufferPointer(start: source, count: Int(address.length)))
        }
        addresses.append(address)
      }
      next = entry.pointee.ai_next
    }
    // IPv4 first: `localhost` means 127.0.0.1 to most clients.
    return addresses.filter { !$0.isIPv6 } + addresses.filter(\.isIPv6)
  }

  /// The address filled in by a call such as `getsockname`.
  static func filled(
    _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> (result: Int32, address: SocketAddress) {
    var address = SocketAddress()
    var length = address.length
    let result = withUnsafeMutablePointer(to: &address.storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
    }
    address.length = min(length, address.length)
    return (result, address)
  }

  /// Calls `body` with the C representation.
  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }

  var family: Int32 { Int32(storage.ss_family) }
  var isIPv6: Bool { family == AF_INET6 }

  /// The port in host order.
  var port: UInt16 {
    withUnsafeBytes(of: storage) {
      // sin_port and sin6_port lie at the same offset.
      UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
    }
  }

  /// The address bytes without the port: who the client is.
  var hostBytes: [UInt8] {
    withUnsafeBytes(of: storage) { isIPv6 ? [UInt8]($0[8..<24]) : [UInt8]($0[4..<8]) }
  }
}
