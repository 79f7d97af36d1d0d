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

  private let token: BearerToken
  /// Says which token was used without telling it: `token ` and the first 4 bytes of its SHA-256 in hexadecimal.
  package let actor: String
  private let exposure: Exposure
  /// No names but those of this machine.
  private let hosts = HostAllowList()
  private let origins = OriginAllowList()

  /// - Parameters:
  ///   - token: What clients must send as `Authorization: Bearer <token>` (RFC 6750 section 2.1).
  ///   - exposure: Where requests may come from.
  package init(token: String, exposure: Exposure) {
    self.token = BearerToken(token)
    actor = "token \(SHA256.hexDigest(of: Array(token.utf8)).prefix(8))"
    self.exposure = exposure
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
    case .loopback where !hosts.allows(request.host):
      return AdminError(
        .forbidden,
        "the admin routes answer only to the Host localhost, 127.0.0.1 or [::1]",
        code: "host_not_allowed"
      )
    default: break
    }
    guard origins.allows(request.headers) else {
      return AdminError(
        .forbidden,
        "the admin routes do not answer web pages: send no Origin",
        code: "origin_not_allowed"
      )
    }
    guard request.headers["authorization"] != nil else {
      return AdminError(
        .unauthorized,
        "send the admin token as 'Authorization: Bearer <token>'",
        code: "token_missing"
      )
    }
    guard token.isProved(by: request.headers) else {
      return AdminError(.unauthorized, "the admin token is wrong", code: "token_wrong")
    }
    return nil
  }
}
