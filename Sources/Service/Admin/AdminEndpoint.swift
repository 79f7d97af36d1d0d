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
  // Fine-tuning jobs.
  case createJob
  case listJobs
  case getJob
  case cancelJob
  case pauseJob
  case resumeJob
  case listEvents
  case listCheckpoints
  // Aliases.
  case listAliases
  case getAlias
  case setAlias
  case deleteAlias
  case rollbackAlias
  case listAudit
  // Transitions.
  case addTransitions
  case getTransitions

  /// Method and path template.
  package var route: (method: HTTP.Method, template: String) {
    switch self {
    case .createFile: (.post, "/admin/v1/files")
    case .listFiles: (.get, "/admin/v1/files")
    case .retrieveFile: (.get, "/admin/v1/files/{file}")
    case .fileContent: (.get, "/admin/v1/files/{file}/content")
    case .deleteFile: (.delete, "/admin/v1/files/{file}")
    case .createJob: (.post, "/admin/v1/fine_tuning/jobs")
    case .listJobs: (.get, "/admin/v1/fine_tuning/jobs")
    case .getJob: (.get, "/admin/v1/fine_tuning/jobs/{job}")
    case .cancelJob: (.post, "/admin/v1/fine_tuning/jobs/{job}/cancel")
    case .pauseJob: (.post, "/admin/v1/fine_tuning/jobs/{job}/pause")
    case .resumeJob: (.post, "/admin/v1/fine_tuning/jobs/{job}/resume")
    case .listEvents: (.get, "/admin/v1/fine_tuning/jobs/{job}/events")
    case .listCheckpoints: (.get, "/admin/v1/fine_tuning/jobs/{job}/checkpoints")
    case .listAliases: (.get, "/admin/v1/models/{model}/aliases")
    case .getAlias: (.get, "/admin/v1/models/{model}/aliases/{alias}")
    case .setAlias: (.put, "/admin/v1/models/{model}/aliases/{alias}")
    case .deleteAlias: (.delete, "/admin/v1/models/{model}/aliases/{alias}")
    case .rollbackAlias: (.post, "/admin/v1/models/{model}/aliases/{alias}/rollback")
    case .listAudit: (.get, "/admin/v1/audit")
    case .addTransitions: (.post, "/v1/models/{model}:transitions")
    case .getTransitions: (.get, "/v1/models/{model}/transitions")
    }
  }

  /// Bytes that a request's body may have; nil for the server's default.
  var bodyByteCountMax: Int? {
    switch self {
    case .listJobs, .getJob, .cancelJob, .pauseJob, .resumeJob, .listEvents, .listCheckpoints,
      .listAliases, .getAlias, .setAlias, .deleteAlias, .rollbackAlias, .listAudit,
      .getTransitions:
      4096
    // Uploads have a limit of their own, see `Admin.bodyLimit`.
    case .createFile, .listFiles, .retrieveFile, .fileContent, .deleteFile: nil
    // Examples may be inline, and transitions are.
    case .createJob, .addTransitions: nil
    }
  }

  /// What the paths of nearly all admin routes begin with.
  static let pathPrefix: StaticString = "/admin/"

  /// Whether a path may be that of an admin route: false says that it is none.
  ///
  /// Only the route table knows what a path with escapes means: `/%61dmin/` is `/admin/`.
  static func mayOwn(_ path: BorrowedBytes) -> Bool {
    path.hasPrefix(pathPrefix) || path.hasSuffix("transitions") || path.buffer.contains(0x25)
  }
}
