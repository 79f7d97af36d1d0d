package import HTTP
import Jobs

/// An answer of an admin route that is no success, in the shape that OpenAI's clients read.
package struct AdminError: Error, Equatable, CustomStringConvertible {
  package let status: Status
  /// Which field, what was expected, what came, how to fix it.
  package let message: String
  /// A stable word for programs, such as `model_not_found`.
  package let code: String
  /// The member of the request that is wrong, such as `method.supervised.hyperparameters.n_epochs`.
  package let parameter: String?
  /// When to try again, seconds; only with 429 and 503.
  package let retryAfterSeconds: Int?

  package var description: String { message }

  package init(
    _ status: Status,
    _ message: String,
    code: String,
    parameter: String? = nil,
    retryAfterSeconds: Int? = nil
  ) {
    self.status = status
    self.message = message
    self.code = code
    self.parameter = parameter
    self.retryAfterSeconds = retryAfterSeconds
  }

  /// A request that cannot be right, whatever the server's state.
  package static func invalid(_ message: String, parameter: String? = nil) -> AdminError {
    AdminError(.badRequest, message, code: "invalid_request", parameter: parameter)
  }

  /// What any other error means to the client.
  init(_ error: any Error) {
    if let error = error as? AdminError {
      self = error
    } else if let error = error as? JobError {
      self.init(error)
    } else if let error = error as? ServiceError {
      let code = error.status.code == 404 ? "not_found" : "invalid_request"
      self.init(
        error.status,
        error.message,
        code: code,
        retryAfterSeconds: error.retryAfterSeconds
      )
    } else if let error = error as? RequestError {
      self.init(error.status, error.message, code: "invalid_request")
    } else {
      self = .invalid("\(error)")
    }
  }

  /// OpenAI's word for the kind of error.
  var type: StaticString {
    switch status.code {
    case 401: "authentication_error"
    case 403: "permission_error"
    case 409: "conflict_error"
    case 429: "rate_limit_error"
    case 500...: "server_error"
    default: "invalid_request_error"
    }
  }

  /// `{"error": {"message", "type", "param", "code"}}`.
  func append(to buffer: inout ByteBuffer) {
    buffer.append(0x7B)
    appendMember(to: &buffer)
    buffer.append(0x7D)
  }

  /// `"error": {"message", "type", "param", "code"}`.
  func appendMember(to buffer: inout ByteBuffer) {
    buffer.append("\"error\":{\"message\":" as StaticString)
    buffer.append(jsonString: message)
    buffer.append(",\"type\":\"" as StaticString)
    buffer.append(type)
    buffer.append("\",\"param\":" as StaticString)
    if let parameter {
      buffer.append(jsonString: parameter)
    } else {
      buffer.append("null" as StaticString)
    }
    buffer.append(",\"code\":" as StaticString)
    buffer.append(jsonString: code)
    buffer.append(0x7D)
  }

  /// The answer to a request whose body is not read.
  var refusal: Refusal {
    var body = ByteBuffer()
    append(to: &body)
    return Refusal(status, .json, headers: headers, body: Array(body.readable))
  }

  /// Fields that go with the status.
  var headers: ResponseHeaders {
    if status == .unauthorized { return ["WWW-Authenticate": "Bearer realm=\"martlet admin\""] }
    guard let retryAfterSeconds else { return .none }
    return ["Retry-After": String(retryAfterSeconds)]
  }
}

extension Responder {
  /// Answers an admin request with an error.
  func fail(_ error: AdminError) {
    respond(error.status, .json, headers: error.headers) { error.append(to: &$0) }
  }
}
