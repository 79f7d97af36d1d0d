/// A request method (RFC 9110 §9, RFC 5789 for PATCH).
///
/// Methods are case-sensitive.
///
/// Any other token is answered with 501 (RFC 9110 §9.1). `CONNECT` is among those: we are no proxy.
package enum Method: UInt8, Sendable, CaseIterable {
  case get, head, post, put, patch, delete, options, trace, query

  /// The method's name on the wire.
  package var name: StaticString {
    switch self {
    case .get: "GET"
    case .head: "HEAD"
    case .post: "POST"
    case .put: "PUT"
    case .patch: "PATCH"
    case .delete: "DELETE"
    case .options: "OPTIONS"
    case .trace: "TRACE"
    case .query: "QUERY"
    }
  }

  /// The method that these bytes name exactly, or nil.
  package init?(_ bytes: BorrowedBytes) {
    for method in Method.allCases where bytes.equals(method.name) {
      self = method
      return
    }
    return nil
  }
}
