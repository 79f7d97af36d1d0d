import HTTP

/// Answers the admin routes: those that change what is served.
package final class Admin: Sendable {
  private let access: AdminAccess
  private let aliases: AliasEndpoints
  private let files: FileEndpoints?
  private let jobs: JobEndpoints?
  private let transitions: TransitionEndpoints?

  /// - Parameters:
  ///   - repository: Where the models are.
  ///   - aliases: Changes which versions answer.
  ///   - access: Who may use the routes.
  ///   - files: The uploaded files; nil where the server has no folder for them.
  ///   - fineTuning: The jobs; nil where the server has no folder for them.
  ///   - transitions: What clients tell happened to them; nil where the server has no folder for it.
  package init(
    _ repository: ModelRepository,
    aliases: AliasStore,
    access: AdminAccess,
    files: FileLibrary? = nil,
    fineTuning: FineTuningService? = nil,
    transitions: TransitionStore? = nil
  ) {
    self.access = access
    self.aliases = AliasEndpoints(repository, aliases, actor: access.actor)
    self.files = files.map { FileEndpoints(library: $0) }
    jobs = fineTuning.map { JobEndpoints($0) }
    self.transitions = transitions.map { TransitionEndpoints(repository: repository, store: $0) }
  }

  /// Why a body announced as this long, bytes, is not read, in the words of the admin routes; nil where it may pass.
  func refusal(ofBody length: Int?, to endpoint: AdminEndpoint) -> AdminError? {
    guard let length, let limit = bodyLimit(of: endpoint), length > limit else { return nil }
    return AdminError(
      .contentTooLarge,
      "the body has \(length) bytes; at most \(limit) are read",
      code: "body_too_large"
    )
  }

  /// The largest body of this route, bytes; nil for the server's default.
  func bodyLimit(of endpoint: AdminEndpoint) -> Int? {
    endpoint == .createFile ? files?.uploadBytes : endpoint.bodyByteCountMax
  }

  /// What takes the body of this route as it arrives; nil to collect it.
  func bodySink(
    of endpoint: AdminEndpoint,
    _ request: Request
  ) throws(AdminError) -> (any BodySink)? {
    endpoint == .createFile ? try fileEndpoints().bodySink(request) : nil
  }

  private func fileEndpoints() throws(AdminError) -> FileEndpoints {
    guard let files else { throw Self.noFolder }
    return files
  }

  private func jobEndpoints() throws(AdminError) -> JobEndpoints {
    guard let jobs else { throw Self.noFolder }
    return jobs
  }

  private func transitionEndpoints() throws(AdminError) -> TransitionEndpoints {
    guard let transitions else { throw Self.noFolder }
    return transitions
  }

  private static let noFolder = AdminError(
    .serviceUnavailable,
    "this server has no folder for files, jobs and transitions; start it with --state FOLDER",
    code: "no_state_folder"
  )

  /// Why a request to an admin route is not looked at; nil where it may pass.
  func refusal(of request: Request) -> AdminError? { access.refusal(of: request) }

  /// Answers a request that passed.
  func answer(
    _ endpoint: AdminEndpoint,
    _ request: Request,
    _ responder: Responder
  ) throws {
    switch endpoint {
    case .createJob: try jobEndpoints().create(request, responder)
    case .listJobs: try jobEndpoints().list(request, responder)
    case .getJob: try jobEndpoints().get(request, responder)
    case .cancelJob: try jobEndpoints().cancel(request, responder)
    case .pauseJob: try jobEndpoints().pause(request, responder)
    case .resumeJob: try jobEndpoints().resume(request, responder)
    case .listEvents: try jobEndpoints().events(request, responder)
    case .listCheckpoints: try jobEndpoints().checkpoints(request, responder)
    case .listAliases: try aliases.list(request, responder)
    case .getAlias: try aliases.get(request, responder)
    case .setAlias: aliases.set(request, responder)
    case .deleteAlias: aliases.delete(request, responder)
    case .rollbackAlias: aliases.rollback(request, responder)
    case .listAudit: aliases.audit(request, responder)
    case .createFile: try fileEndpoints().create(request, responder)
    case .listFiles: try fileEndpoints().list(request, responder)
    case .retrieveFile: try fileEndpoints().retrieve(request, responder)
    case .fileContent: try fileEndpoints().content(request, responder)
    case .deleteFile: try fileEndpoints().delete(request, responder)
    case .addTransitions: try transitionEndpoints().add(request, responder)
    case .getTransitions: try transitionEndpoints().status(request, responder)
    }
  }
}
