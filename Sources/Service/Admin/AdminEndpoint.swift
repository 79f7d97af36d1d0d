package import HTTP

/// Every admin route.
///
/// All of them need the bearer token.
package enum AdminEndpoint: Sendable, Equatable, CaseIterable {
  // Files.
  case createFile
  case listFiles
  case retrieveFile
  case fileContent
  case deleteFile
  // Aliases.
  case listAliases

  /// Method and path template.
  package var route: (method: HTTP.Method, template: String) {
    switch self {
    case .createFile: (.post, "/admin/v1/files")
    case .listFiles: (.get, "/admin/v1/files")
    case .retrieveFile: (.get, "/admin/v1/files/{file}")
    case .fileContent: (.get, "/admin/v1/files/{file}/content")
    case .deleteFile: (.delete, "/admin/v1/files/{file}")
    case .listAliases: (.get, "/admin/v1/models/{model}/aliases")
    }
  }

  /// What every admin path begins with.
  static let pathPrefix: StaticString = "/admin/"
}
