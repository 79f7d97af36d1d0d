/// Where a server listens, read from a URL of the form `http://host[:port]`.
package struct ServerAddress: Equatable, Sendable, CustomStringConvertible {
  /// Why a URL names no server.
  package struct Invalid: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// A name or an address; an IPv6 address without its brackets.
  package let host: String
  package let port: UInt16

  /// The port of `http` (RFC 9110 §4.2.1).
  private static let standardPort: UInt16 = 80

  /// Reads a URL; strictly: no other scheme, no user, path, query or fragment.
  package init(_ url: String) throws(Invalid) {
    let scheme = "http://".utf8
    guard url.utf8.starts(with: scheme) else {
      throw Invalid(description: "'\(url)' must start with http://")
    }
    let authority = Array(url.utf8.dropFirst(scheme.count))
    if let end = authority.firstIndex(where: { [ASCII.slash, 0x3F, 0x23].contains($0) }) {
      let rest = String(decoding: authority[end...], as: UTF8.self)
      throw Invalid(description: "'\(url)' must end with the port, without '\(rest)'")
    }
    guard authority.withUnsafeBytes({ Authority.isValid(BorrowedBytes($0)) }) else {
      throw Invalid(description: "'\(url)' must be http://host or http://host:port")
    }
    var name = authority[...]
    var port: UInt16? = Self.standardPort
    if let colon = authority.lastIndex(of: ASCII.colon), authority.last != 0x5D {
      name = authority[..<colon]
      port = UInt16(String(decoding: authority[(colon + 1)...], as: UTF8.self))
    }
    guard let port, port > 0 else {
      throw Invalid(description: "the port in '\(url)' must be a number from 1 to 65535")
    }
    if name.first == 0x5B { name = name.dropFirst().dropLast() }
    host = String(decoding: name, as: UTF8.self)
    self.port = port
  }

  /// The URL again, always with its port.
  package var description: String {
    host.utf8.contains(ASCII.colon) ? "http://[\(host)]:\(port)" : "http://\(host):\(port)"
  }
}
