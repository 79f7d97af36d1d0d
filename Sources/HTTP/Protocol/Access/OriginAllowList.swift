/// The web pages that may send requests: browsers name them in `Origin` (RFC 6454 §7), other clients
/// send none.
package struct OriginAllowList: Sendable {
  private let origins: [String]

  /// These origins, such as `https://example.org`; none by default.
  package init(_ origins: [String] = []) {
    self.origins = origins
  }

  /// Whether no browser page sent the request, or only one of the list.
  package func allows(_ headers: HeaderFields) -> Bool {
    (0..<headers.count).allSatisfy { index in
      !headers.name(at: index).equalsIgnoringCase("origin")
        || origins.contains { headers.value(at: index).equals($0) }
    }
  }
}
