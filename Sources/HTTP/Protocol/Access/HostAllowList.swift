/// The names under which a server may be addressed, against DNS rebinding: a page of another site
/// whose name resolves to 127.0.0.1 reaches us with that name in `Host`.
package struct HostAllowList: Sendable {
  private let names: [[UInt8]]

  /// The names of this machine itself, and these; an IPv6 address stands in brackets.
  package init(_ names: [String] = []) {
    self.names = (["localhost", "127.0.0.1", "[::1]"] + names).map {
      $0.utf8.map(ASCII.lowercased)
    }
  }

  /// Whether the host of this authority, without its port, is one of the names.
  package func allows(_ authority: BorrowedBytes?) -> Bool {
    guard let authority, Authority.isValid(authority) else { return false }
    // The colons of an IPv6 address stand before its bracket closes.
    let colon = authority.buffer.lastIndex(of: ASCII.colon)
    let bracket = authority.buffer.lastIndex(of: 0x5D) ?? -1
    let end = colon.map { $0 > bracket ? $0 : authority.count } ?? authority.count
    let host = authority[0, end].buffer.lazy.map(ASCII.lowercased)
    return names.contains { $0.elementsEqual(host) }
  }
}
