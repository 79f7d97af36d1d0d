import HTTP

/// Answers the admin routes: those that change what is served.
package final class Admin: Sendable {
  private let access: AdminAccess
  private let repository: ModelRepository

  package init(_ repository: ModelRepository, access: AdminAccess) {
    self.repository = repository
    self.access = access
  }

  /// Why a request to a path below `/admin/` is not looked at; nil where it may pass.
  func refusal(of request: Request) -> AdminError? { access.refusal(of: request) }

  /// Answers a request that passed.
  func answer(
    _ endpoint: AdminEndpoint,
    _ request: Request,
    _ responder: Responder
  ) throws {
    switch endpoint {
    case .listAliases:
      let model = try request.readParameter(0) { name throws(ServiceError) in
        try repository.snapshot.model(name)
      }
      responder.respond(.ok, .json) { ModelDocuments.appendAliases(of: model, to: &$0) }
    }
  }
}
