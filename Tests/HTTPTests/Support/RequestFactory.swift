@testable import HTTP

/// A parsed request for tests.
///
/// Its bytes are never freed: a test may drop this object while the request still points at them.
final class ParsedRequest {
  let request = Request()
  private var input = ByteBuffer()

  deinit { _ = input.release() }

  init(_ text: String) throws {
    input.append(text)
    var state = ConnectionState(limits: ServerLimits(), now: 0)
    while true {
      switch state.next(&input, request, now: 0) {
      case .request: return
      case .head: state.admit(bodyLimit: 1 << 20)
      case .sendContinue: continue
      case .failed(let error): throw error
      case .needBytes, .piece, .paused: throw RequestError(.badRequest, "incomplete")
      }
    }
  }

  /// `GET target` with nothing else.
  static func get(_ target: String, method: String = "GET") throws -> ParsedRequest {
    try ParsedRequest("\(method) \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
  }
}
