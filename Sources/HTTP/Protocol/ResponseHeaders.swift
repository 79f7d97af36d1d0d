/// Extra field lines of a response, rendered once: keep constant ones in a `let`.
///
/// `Content-Type`, `Content-Length`, `Transfer-Encoding`, `Connection` and `Date` are the server's own.
package struct ResponseHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  /// `Name: value CRLF` lines.
  private(set) var lines: [UInt8] = []

  /// No extra fields.
  package static let none = ResponseHeaders()

  /// No extra fields.
  package init() {}

  /// These fields in order.
  package init(dictionaryLiteral fields: (String, String)...) {
    for (name, value) in fields { add(name, value) }
  }

  /// Adds a field line.
  ///
  /// Bytes that would end the line or are no legal value become spaces, so that no value can split
  /// the response.
  package mutating func add(_ name: String, _ value: String) {
    precondition(!name.isEmpty && name.utf8.allSatisfy(ASCII.isToken), "header name \(name)")
    lines.append(contentsOf: name.utf8)
    lines.append(contentsOf: [ASCII.colon, ASCII.space])
    lines.append(contentsOf: value.utf8.lazy.map { ASCII.isFieldValue($0) ? $0 : ASCII.space })
    lines.append(contentsOf: [ASCII.carriageReturn, ASCII.lineFeed])
  }
}
