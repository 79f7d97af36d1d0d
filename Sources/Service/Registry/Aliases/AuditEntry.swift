import HTTP

/// One change of an alias, as the audit log keeps it.
package struct AuditEntry: Sendable, Equatable {
  /// What happened.
  package enum Action: String, Sendable, CaseIterable {
    /// An operator has set it.
    case set
    /// A version was found good and takes over.
    case promote
    /// It points again to where it did before, or its canary was withdrawn.
    case rollback
    case delete
    /// It was made to keep the version that served before the first one was published.
    case pin
    /// aliases.json was changed by hand; noticed and written down later.
    case edit
    /// The entry before was not carried out: the server ended or the disk failed in between.
    case abort
  }

  /// When, ISO 8601, UTC.
  package var time: String
  /// Who: `token <fingerprint>`, `job <id>`, or `file` for changes by hand.
  package var actor: String
  package var action: Action
  package var model: String
  package var alias: String
  /// The version before; nil where there was no alias.
  package var from: Int?
  /// Revision before; 0 where there was no alias.
  package var fromRevision: Int
  /// The version from now on; nil where the alias is gone.
  package var to: Int?
  /// Revision from now on.
  package var revision: Int
  /// The canary from now on.
  package var canary: AliasDocument.Canary?
  /// SHA-256 of model.onnx of the version from now on.
  package var sha256: String?

  // MARK: - JSON

  /// Reads a record of the log.
  ///
  /// - Throws: `ServiceError`, `AdminError` or `JSONError` for anything else.
  init(_ record: UnsafeRawBufferPointer) throws {
    let value = try JSONValueReader.read(record)
    func text(_ key: String) -> String? {
      if case .string(let text)? = value[key] { return text }
      return nil
    }
    func number(_ key: String) -> Int? {
      if case .number(let number)? = value[key] { return Int(exactly: number) }
      return nil
    }
    guard let time = text("time"), let actor = text("actor"),
      let action = text("action").flatMap(Action.init), let model = text("model"),
      let alias = text("alias"), let revision = number("revision"),
      let fromRevision = number("from_revision")
    else { throw ServiceError.invalid("no record of an alias change") }
    self.init(
      time: time,
      actor: actor,
      action: action,
      model: model,
      alias: alias,
      from: number("from"),
      fromRevision: fromRevision,
      to: number("to"),
      revision: revision,
      canary: try value["canary"].map { try AliasDocument.Canary(JSONMembers($0, path: "canary")) },
      sha256: text("sha256")
    )
  }

  package init(
    time: String,
    actor: String,
    action: Action,
    model: String,
    alias: String,
    from: Int?,
    fromRevision: Int,
    to: Int?,
    revision: Int,
    canary: AliasDocument.Canary? = nil,
    sha256: String? = nil
  ) {
    self.time = time
    self.actor = actor
    self.action = action
    self.model = model
    self.alias = alias
    self.from = from
    self.fromRevision = fromRevision
    self.to = to
    self.revision = revision
    self.canary = canary
    self.sha256 = sha256
  }

  /// Writes the members in one line, with the place in the log where given.
  func append(to buffer: inout ByteBuffer, sequence: Int? = nil) {
    buffer.append(0x7B)
    if let sequence {
      buffer.append("\"sequence\":" as StaticString)
      buffer.append(decimal: sequence)
      buffer.append(0x2C)
    }
    buffer.append("\"time\":" as StaticString)
    buffer.append(jsonString: time)
    for (key, value) in [
      ("actor", actor), ("action", action.rawValue), ("model", model), ("alias", alias),
    ] {
      buffer.append(",\"\(key)\":" as String)
      buffer.append(jsonString: value)
    }
    for (key, value) in [
      ("from", from), ("from_revision", fromRevision), ("to", to), ("revision", revision),
    ] {
      guard let value else { continue }
      buffer.append(",\"\(key)\":" as String)
      buffer.append(decimal: value)
    }
    if let canary {
      buffer.append(",\"canary\":" as StaticString)
      canary.append(to: &buffer)
    }
    if let sha256 {
      buffer.append(",\"sha256\":" as StaticString)
      buffer.append(jsonString: sha256)
    }
    buffer.append(0x7D)
  }
}
