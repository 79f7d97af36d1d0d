/// A secret that requests prove they know: `Authorization: Bearer token` (RFC 6750 §2.1).
package struct BearerToken: Sendable {
  private let bytes: [UInt8]

  /// The secret itself.
  package init(_ token: String) {
    bytes = Array(token.utf8)
  }

  /// Whether the request has exactly one `Authorization` line and that carries this token.
  package func isProved(by headers: HeaderFields) -> Bool {
    guard headers.count(of: "authorization") == 1, let value = headers["authorization"],
      let presented = Self.read(value)
    else { return false }
    return matches(presented)
  }

  /// The token of an `Authorization` value: scheme in any case, spaces, visible ASCII characters; nil
  /// for anything else.
  package static func read(_ value: BorrowedBytes) -> BorrowedBytes? {
    let scheme = 6
    guard value.count > scheme, value[0, scheme].equalsIgnoringCase("bearer"),
      value.buffer[scheme] == ASCII.space
    else { return nil }
    var start = scheme
    while start < value.count, value.buffer[start] == ASCII.space { start += 1 }
    let token = value[start, value.count]
    // RFC 6750's b64token and more: operators choose what they like as a secret.
    guard !token.isEmpty, token.buffer.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return nil
    }
    return token
  }

  /// Compares in a time that depends on the presented length only, not on where the two differ.
  ///
  /// An empty secret matches nothing.
  package func matches(_ presented: BorrowedBytes) -> Bool {
    guard !bytes.isEmpty else { return false }
    var difference: UInt8 = presented.count == bytes.count ? 0 : 1
    for index in 0..<presented.count {
      difference |= presented.buffer[index] ^ bytes[index % bytes.count]
    }
    return difference == 0
  }
}
