package import HTTP

/// An answer that is no success: its status and what to tell the client.
package struct ServiceError: Error, Equatable {
  package let status: Status
  /// Which field, what was expected, what came, how to fix it.
  package let message: String
  /// When to try again, seconds; only with 429 and 503.
  package let retryAfterSeconds: Int?

  package init(_ status: Status, _ message: String, retryAfterSeconds: Int? = nil) {
    self.status = status
    self.message = message
    self.retryAfterSeconds = retryAfterSeconds
  }

  /// What an error of reading a request means to the client.
  init(_ error: any Error) {
    self = error as? ServiceError ?? .invalid("\(error)")
  }

  /// A request that cannot be right, whatever the server's state.
  package static func invalid(_ message: String) -> ServiceError {
    ServiceError(.badRequest, message)
  }
}
