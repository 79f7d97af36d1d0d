/// Why a request was refused before any handler saw it.
///
/// The connection closes after the answer: after a framing error the next byte has no trustworthy
/// meaning (RFC 9112 §11.2).
package struct RequestError: Error, Equatable {
  /// The status to answer with.
  package let status: Status
  /// What is wrong, for the client; it names limits and sizes and quotes no request bytes.
  package let message: String

  package init(_ status: Status, _ message: String) {
    self.status = status
    self.message = message
  }

  /// A 400 with this message.
  static func malformed(_ message: String) -> RequestError {
    RequestError(.badRequest, message)
  }
}
