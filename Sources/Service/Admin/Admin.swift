import HTTP

/// Answers the admin routes: those that change what is served.
package final class Admin: Sendable {
  private let access: AdminAccess
  private let aliases: AliasEndpoints

  package init(_ repository: ModelRepository, aliases: AliasStore, access: AdminAccess) {
    self.access = access
    self.aliases = AliasEndpoints(repository, aliases, actor: access.actor)
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
    case .listAliases: try aliases.list(request, responder)
    case .getAlias: try aliases.get(request, responder)
    case .setAlias: aliases.set(request, responder)
    case .deleteAlias: aliases.delete(request, responder)
    case .rollbackAlias: aliases.rollback(request, responder)
    case .listAudit: aliases.audit(request, responder)
    }
  }
}
