import HTTP

/// Why a server did not do what a client asked for.
package struct ClientProblem: Error, Equatable, CustomStringConvertible {
  /// The answer's status; nil where there was none.
  package let status: Int?
  package let message: String
  /// The member of the request that is wrong.
  package let parameter: String?

  package init(status: Int? = nil, _ message: String, parameter: String? = nil) {
    self.status = status
    self.message = message
    self.parameter = parameter
  }

  /// Bytes of an answer that is no JSON of ours, as they are repeated.
  private static let shownByteCount = 200

  /// Reads OpenAI's error object, or what else the answer says.
  init(status: Int, _ body: [UInt8]) {
    let value = body.withUnsafeBytes { text in try? JSONValueReader.read(text) }
    if let error = value?["error"], let message = error["message"]?.text {
      self.init(status: status, message, parameter: error["param"]?.text)
    } else if let message = value?["error"]?.text {
      self.init(status: status, message)
    } else {
      let shown = String(decoding: body.prefix(Self.shownByteCount), as: UTF8.self)
      self.init(status: status, "the server answered \(status)\(shown.isEmpty ? "" : ": \(shown)")")
    }
  }

  /// What became of a connection to `address`.
  init(_ failure: HTTPClient.Failure, _ address: ServerAddress) {
    let reason =
      switch failure {
      case .socket(let error): "cannot reach \(address): \(error)"
      case .timeout: "\(address) does not answer in time"
      case .closed: "\(address) has closed the connection"
      case .malformed(let text): "\(address) does not speak HTTP as we know it: \(text)"
      case .file(let text): text
      }
    self.init(reason)
  }

  /// Whether the same may succeed later: the server is away, busy or restarting.
  package var isTemporary: Bool {
    guard let status else { return true }
    return status == 408 || status == 429 || status >= 500
  }

  package var description: String {
    parameter.map { "\(message) (param: \($0))" } ?? message
  }
}
