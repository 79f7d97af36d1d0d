import Dispatch
import HTTP

/// Answers the admin routes about aliases and the audit log.
///
/// What touches the disk or may load a model is done on a queue of its own: changes one after the other, pages of the
/// log beside them.
final class AliasEndpoints: Sendable {
  private let repository: ModelRepository
  private let store: AliasStore
  private let actor: String
  private let changes = DispatchQueue(label: "alias changes", qos: .userInitiated)
  private let reading = DispatchQueue(label: "audit log", qos: .utility)

  /// The audit log says that `actor` has made the changes.
  init(_ repository: ModelRepository, _ store: AliasStore, actor: String) {
    self.repository = repository
    self.store = store
    self.actor = actor
  }

  // MARK: - Reading

  /// `GET .../aliases`.
  func list(_ request: Request, _ responder: Responder) throws {
    let model = try model(request)
    responder.respond(.ok, .json) { buffer in
      buffer.append("{\"object\":\"list\",\"data\":[" as StaticString)
      for (index, alias) in model.aliases.enumerated() {
        if index > 0 { buffer.append(0x2C) }
        alias.document.append(to: &buffer, isNamed: true)
      }
      buffer.append(0x5D)
      if let problem = model.aliasProblem {
        buffer.append(",\"problem\":" as StaticString)
        buffer.append(jsonString: problem)
      }
      buffer.append(0x7D)
    }
  }

  /// `GET .../aliases/{alias}`.
  func get(_ request: Request, _ responder: Responder) throws {
    let model = try model(request)
    let name = request.parameter(1)
    guard let alias = model.alias(name) else {
      throw AdminError(
        .notFound,
        "model '\(model.name)' has no alias '\(name)'",
        code: "alias_not_found"
      )
    }
    Self.answer(alias.document, responder)
  }

  private func model(_ request: Request) throws -> RegistrySnapshot.Model {
    try request.readParameter(0) { name throws(ServiceError) in
      try repository.snapshot.model(name)
    }
  }

  /// `GET /admin/v1/audit?after=&limit=&model=&order=`.
  func audit(_ request: Request, _ responder: Responder) {
    reading.async { [store] in
      do {
        let query = try AliasRequests.auditQuery(request)
        let page = try store.audit(query)
        responder.respond(.ok, .json) { page.append(to: &$0) }
      } catch { Self.fail(error, responder) }
    }
  }

  // MARK: - Changing

  /// `PUT .../aliases/{alias}`.
  func set(_ request: Request, _ responder: Responder) {
    change(responder) { [store, actor] in
      let body = try AliasRequests.Target(request)
      return try store.set(
        request.parameter(1),
        of: request.parameter(0),
        to: body.version,
        canary: body.canary,
        expected: body.expected,
        actor: actor
      )
    }
  }

  /// `POST .../aliases/{alias}/rollback`.
  func rollback(_ request: Request, _ responder: Responder) {
    change(responder) { [store, actor] in
      try store.rollback(
        request.parameter(1),
        of: request.parameter(0),
        expected: try AliasRequests.expectation(request),
        actor: actor
      )
    }
  }

  /// `DELETE .../aliases/{alias}`.
  func delete(_ request: Request, _ responder: Responder) {
    change(responder) { [store, actor] in
      try store.delete(
        request.parameter(1),
        of: request.parameter(0),
        expected: try AliasRequests.expectation(request),
        actor: actor
      )
      return nil
    }
  }

  /// Makes a change and answers with the alias as it is then; without a body where it is gone.
  private func change(
    _ responder: Responder,
    _ body: @escaping @Sendable () throws -> AliasDocument?
  ) {
    changes.async {
      do {
        guard let alias = try body() else {
          responder.respond(.noContent)
          return
        }
        Self.answer(alias, responder)
      } catch { Self.fail(error, responder) }
    }
  }

  private static func answer(_ alias: AliasDocument, _ responder: Responder) {
    responder.respond(.ok, .json, headers: ["ETag": alias.entityTag]) {
      alias.append(to: &$0, isNamed: true)
    }
  }

  /// A conflict comes with the present state, so that the client can decide anew.
  private static func fail(_ error: any Error, _ responder: Responder) {
    guard let conflict = error as? AliasConflict else {
      // What is not the client's doing: the disk.
      responder.fail(
        error is ServiceError || error is AdminError
          ? AdminError(error)
          : AdminError(.internalServerError, "\(error)", code: "storage_failed")
      )
      return
    }
    let headers: ResponseHeaders = conflict.present.map { ["ETag": $0.entityTag] } ?? .none
    responder.respond(conflict.status, .json, headers: headers) { buffer in
      buffer.append(0x7B)
      AdminError(conflict.status, conflict.description, code: "alias_changed")
        .appendMember(to: &buffer)
      buffer.append(",\"alias\":" as StaticString)
      if let present = conflict.present {
        present.append(to: &buffer, isNamed: true)
      } else {
        buffer.append("null" as StaticString)
      }
      buffer.append(0x7D)
    }
  }
}

extension AuditPage {
  /// Writes the page as OpenAI's lists are written.
  func append(to buffer: inout ByteBuffer) {
    buffer.append("{\"object\":\"list\",\"data\":[" as StaticString)
    for (index, item) in entries.enumerated() {
      if index > 0 { buffer.append(0x2C) }
      item.entry.append(to: &buffer, sequence: item.sequence)
    }
    buffer.append("],\"has_more\":" as StaticString)
    buffer.append(hasMore ? "true" : "false" as StaticString)
    if let last {
      buffer.append(",\"last_id\":" as StaticString)
      buffer.append(decimal: last)
    }
    buffer.append(0x7D)
  }
}
