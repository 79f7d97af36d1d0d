package import HTTP

/// Every admin route.
///
/// All of them need the bearer token.
package enum AdminEndpoint: Sendable, Equatable, CaseIterable {
  // Aliases.
  case listAliases

  /// Method and path template.
  package var route: (method: HTTP.Method, template: String) {
    switch self {
    case .listAliases: (.get, "/admin/v1/models/{model}/aliases")
    }
  }

  /// What every admin path begins with.
  static let pathPrefix: StaticString = "/admin/"
}
