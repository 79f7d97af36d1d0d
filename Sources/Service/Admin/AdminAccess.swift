package import HTTP
import Storage

/// Who may use the admin routes: whoever sends the bearer token, and only where they are switched on.
package struct AdminAccess: Sendable {
  /// Where admin requests may come from.
  package enum Exposure: Sendable, Equatable {
    /// The server listens on loopback: `Host` must name this machine, so that no web page can reach the routes by
    /// pointing its own name here (DNS rebinding).
    case loopback
    /// The operator has exposed the routes on other interfaces.
    case everywhere
    /// The server listens on other interfaces and nobody asked for admin routes there.
    case off
  }

  private let token: [UInt8]
  /// Says which token was used without telling it: `token ` and the first 4 bytes of its SHA-256 in hexadecimal.
  package let actor: String
  private let exposure: Exposure

  /// - Parameters:
  ///   - token: What clients must send as `Authorization: Bearer <token>` (RFC 6750 section 2.1).
  ///   - exposure: Where requests may come from.
  package init(token: String, exposure: Exposure) {
    self.token = Array(token.utf8)
    self.exposure = exposure
    actor = "token \(SHA256.hexDigest(of: self.token).prefix(8))"
  }

  /// Shortest token that is accepted, bytes.
  package static let tokenByteCountMin = 16

  /// Why a request to an admin route is refused; nil where it may pass.
  package func refusal(of request: Request) -> AdminError? {
    switch exposure {
    case .off:
      return AdminError(
        .forbidden,
        "the admin routes are off because the server listens on other interfaces than loopback; start it with --expose-admin to allow them",
        code: "admin_off"
      )
    case .loopback where !isLocal(request.host):
      return AdminError(
        .forbidden,
        "the admin routes answer only to the Host localhost, 127.0.0.1 or [::1]",
        code: "host_not_allowed"
      )
    default: break
    }
    guard request.headers["origin"] == nil else {
      return AdminError(
        .forbidden,
        "the admin routes do not answer web pages: send no Origin",
        code: "origin_not_allowed"
      )
    }
    guard let field = request.headers["authorization"] else {
      return AdminError(
        .unauthorized,
        "send the admin token as 'Authorization: Bearer <token>'",
        code: "token_missing"
      )
    }
    guard isToken(field) else {
      return AdminError(.unauthorized, "the admin token is wrong", code: "token_wrong")
    }
    return nil
  }

  private func isLocal(_ host: BorrowedBytes?) -> Bool {
    guard let host else { return false }
    var end = host.count
    // Without the port.
    if let colon = host.buffer.lastIndex(of: 0x3A), host.buffer.last != 0x5D { end = colon }
    let name = host[0, end]
    return name.equalsIgnoringCase("localhost") || name.equals("127.0.0.1") || name.equals("[::1]")
  }

  /// Compares in a time that does not depend on where the first difference is.
  private func isToken(_ field: BorrowedBytes) -> Bool {
    guard field.count > 7, field[0, 7].equalsIgnoringCase("bearer ") else { return false }
    let given = field[7, field.count].buffer
    var difference = UInt8(given.count == token.count ? 0 : 1)
    for (index, byte) in given.enumerated() { difference |= byte ^ token[index % token.count] }
    return difference == 0
  }
}
