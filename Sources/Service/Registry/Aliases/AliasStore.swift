import HTTP
import Storage
import Synchronization

/// Changes which version an alias points to, so that no request fails and every change can be looked up.
///
/// A change is made in this order, alone between two looks at the models folder:
/// 1. what the caller expected is compared with aliases.json;
/// 2. the versions that the alias will need are loaded;
/// 3. the audit log gets its entry, durably;
/// 4. aliases.json is replaced, durably: from here on the change is made;
/// 5. the new snapshot is published: requests that follow go to the new version, those in flight finish on the old
///    one, whose memory goes with the last of them where nobody else wants it.
///
/// aliases.json is what counts. A crash between 3 and 4 leaves an entry that was not carried out: the next start (or
/// change) finds the file at the revision before and adds an `abort` entry. A file that was edited by hand is noticed
/// in the same way and gets an `edit` entry. So log and file agree again before anything else is changed.
///
/// **Rollback** withdraws a canary where there is one, and keeps the version: that is where all requests went before.
/// Else it swaps `version` and `previous`: a second rollback comes back. For anything older, set the version.
///
/// Methods wait for the disk and for loading models: call them on a background queue, never on an event loop.
package final class AliasStore: Sendable {
  private let repository: ModelRepository
  private let files: any DurableFiles
  private let time: @Sendable () -> String
  private let log = Mutex<AuditLog?>(nil)

  /// Where the log is, in the models folder.
  package static let logName = ".martlet/audit.log"

  package convenience init(_ repository: ModelRepository) {
    self.init(repository, files: SystemFiles(), time: { UTCTime.text() })
  }

  init(
    _ repository: ModelRepository,
    files: any DurableFiles,
    time: @escaping @Sendable () -> String
  ) {
    self.repository = repository
    self.files = files
    self.time = time
  }

  // MARK: - Changes

  /// Points an alias to a version, all requests or all but those of a canary.
  ///
  /// - Returns: The alias as it is now; unchanged, with no entry in the log, where it said so already.
  /// - Throws: `AliasConflict` where it is not as expected; `ServiceError` for a model or version that is not there or
  ///   cannot be loaded; `FormatError` where the disk fails.
  @discardableResult
  package func set(
    _ alias: String,
    of model: String,
    to version: Int,
    canary: AliasDocument.Canary? = nil,
    expected: AliasExpectation = .anything,
    actor: String,
    action: AuditEntry.Action = .set
  ) throws -> AliasDocument {
    try changed(alias, of: model, expected, actor, action) { present in
      AliasDocument(
        name: alias,
        version: version,
        previous: present?.version == version ? present?.previous : present?.version,
        revision: present?.revision ?? 0,
        canary: canary
      )
    }
  }

  /// Lets a version take over that was found good.
  ///
  /// A job that ends in the middle may say so again: what it has promoted already is no conflict.
  ///
  /// - Throws: As `set`.
  @discardableResult
  package func promote(
    _ version: Int,
    of model: String,
    to alias: String = AliasDocument.stable,
    expected: AliasExpectation = .anything,
    actor: String
  ) throws -> AliasDocument {
    do {
      return try set(
        alias,
        of: model,
        to: version,
        expected: expected,
        actor: actor,
        action: .promote
      )
    } catch let conflict as AliasConflict {
      guard let present = conflict.present, present.version == version, present.canary == nil,
        try openLog().last(model, alias)?.actor == actor
      else { throw conflict }
      return present
    }
  }

  /// Undoes the last move of an alias, see the type.
  ///
  /// - Throws: As `set`; `ServiceError` 404 for an alias that is not there, 409 for one that never pointed elsewhere.
  @discardableResult
  package func rollback(
    _ alias: String,
    of model: String,
    expected: AliasExpectation = .anything,
    actor: String
  ) throws -> AliasDocument {
    try changed(alias, of: model, expected, actor, .rollback) { present in
      guard var next = present else { throw Self.missing(alias, of: model) }
      if next.canary != nil {
        next.canary = nil
      } else {
        guard let previous = next.previous else {
          throw ServiceError(
            .conflict,
            "alias '\(alias)' of model '\(model)' has always pointed to version \(next.version)"
          )
        }
        (next.version, next.previous) = (previous, next.version)
      }
      return next
    }
  }

  /// Removes an alias.
  ///
  /// Without `stable`, requests that name no version go to the newest one.
  ///
  /// - Throws: As `set`; `ServiceError` 404 for an alias that is not there.
  package func delete(
    _ alias: String,
    of model: String,
    expected: AliasExpectation = .anything,
    actor: String
  ) throws {
    _ = try change(alias, of: model, expected, actor, .delete) { present in
      if present == nil { throw Self.missing(alias, of: model) }
      return nil
    }
  }

  /// Gives a model without `stable` that alias, at the version that serves now, so that a version that comes next
  /// takes no traffic before it is promoted.
  ///
  /// - Returns: The alias; nil where nothing serves.
  @discardableResult
  package func pin(_ model: String, actor: String) throws -> AliasDocument? {
    let stable = AliasDocument.stable
    return try change(stable, of: model, .anything, actor, .pin) { [repository] present in
      if let present { return present }
      let serving = repository.snapshot.models.first { $0.name == model }?.latest
      return serving.map { AliasDocument(name: stable, version: $0.version) }
    }
  }

  /// Makes the log, where there is one, agree with every model's aliases.json; done before the first change in any case.
  ///
  /// Waits until the first look at the folder is over.
  package func recover() throws {
    guard FileAccess.exists(logPath) else { return }
    try repository.perform(waitingSeconds: .infinity) { [self] in _ = try openLog() }
  }

  /// Lets another process have the log; the next change takes it again.
  package func close() { log.withLock { $0 = nil } }

  private var logPath: String { "\(repository.root)/\(Self.logName)" }

  // MARK: - How a change is made

  private static func missing(_ alias: String, of model: String) -> ServiceError {
    ServiceError(.notFound, "model '\(model)' has no alias '\(alias)'")
  }

  private func changed(
    _ alias: String,
    of model: String,
    _ expected: AliasExpectation,
    _ actor: String,
    _ action: AuditEntry.Action,
    _ next: @escaping @Sendable (AliasDocument?) throws -> AliasDocument?
  ) throws -> AliasDocument {
    guard let alias = try change(alias, of: model, expected, actor, action, next) else {
      throw ServiceError(.internalServerError, "the alias is gone")
    }
    return alias
  }

  private func change(
    _ alias: String,
    of model: String,
    _ expected: AliasExpectation,
    _ actor: String,
    _ action: AuditEntry.Action,
    _ next: @escaping @Sendable (AliasDocument?) throws -> AliasDocument?
  ) throws -> AliasDocument? {
    guard ModelName.isValid(model) else {
      throw ServiceError(.notFound, "there is no model '\(model)'")
    }
    guard ModelName.isValid(alias) else {
      throw ServiceError.invalid(
        "alias '\(alias)' must be 1 to \(ModelName.byteCountMax) of A-Z a-z 0-9 . _ - without a leading dot"
      )
    }
    return try repository.perform { [self] in
      let log = try openLog()
      let found = try repository.look(at: model)
      try agree(log, found)
      let present = found.aliases.first { $0.name == alias }
      try expected.check(present)
      var document = try next(present)
      if document == present { return present }
      let revision = max(log.last(model, alias)?.revision ?? 0, present?.revision ?? 0) + 1
      document?.revision = revision
      if present == nil, found.aliases.count >= AliasFile.countMax {
        throw ServiceError(
          .conflict,
          "model '\(model)' has \(found.aliases.count) aliases; at most \(AliasFile.countMax)"
        )
      }
      for number in document?.versions ?? [] { _ = try repository.load(number, of: found) }
      let entry = AuditEntry(
        time: time(),
        actor: actor,
        action: action,
        model: model,
        alias: alias,
        from: present?.version,
        fromRevision: present?.revision ?? 0,
        to: document?.version,
        revision: revision,
        canary: document?.canary,
        sha256: document.flatMap { repository.digest($0.version, of: found) }
      )
      try carryOut(entry, document, found, log)
      return document
    }
  }

  private func carryOut(
    _ entry: AuditEntry,
    _ document: AliasDocument?,
    _ found: RepositoryScan.Model,
    _ log: AuditLog
  ) throws {
    var aliases = found.aliases
    let index = aliases.firstIndex { $0.name == entry.alias } ?? aliases.endIndex
    aliases.replaceSubrange(
      index..<min(index + 1, aliases.endIndex),
      with: document.map { [$0] } ?? []
    )
    try log.append(entry)
    do {
      try AliasFile.write(aliases, folder: "\(repository.root)/\(entry.model)", files)
    } catch {
      // The file says whether the change was made; the log follows it, now or before the next change.
      if let now = try? repository.look(at: entry.model) { try? agree(log, now) }
      try? repository.serve(entry.model)
      throw error
    }
    try repository.serve(entry.model)
  }

  // MARK: - The log

  /// A page of the log; empty before the first change.
  package func audit(_ query: AuditPage.Query) throws -> AuditPage {
    if let log = log.withLock({ $0 }) { return try AuditPage(log, query) }
    guard FileAccess.exists(logPath) else { return AuditPage() }
    return try AuditPage(try repository.perform { [self] in try openLog() }, query)
  }

  /// Opens the log where it is not open yet, and makes it agree with every model's file.
  ///
  /// In `perform`, as two that open it would keep each other out.
  private func openLog() throws -> AuditLog {
    if let log = log.withLock({ $0 }) { return log }
    let opened = try AuditLog(logPath, files)
    for model in repository.snapshot.models {
      if let found = try? repository.look(at: model.name), found.aliasProblem == nil {
        try agree(opened, found)
      }
    }
    log.withLock { $0 = opened }
    return opened
  }

  /// Adds what the log does not know of the aliases in a file.
  ///
  /// - Throws: `ServiceError` for a file that is damaged: it must not be replaced.
  private func agree(_ log: AuditLog, _ found: RepositoryScan.Model) throws {
    if let problem = found.aliasProblem {
      throw ServiceError(.conflict, "model '\(found.name)': \(problem); correct or remove the file")
    }
    let names = log.aliases(of: found.name) + found.aliases.map(\.name)
    for name in Set(names).sorted() {
      let present = found.aliases.first { $0.name == name }
      let last = log.last(found.name, name)
      if last?.version == present?.version, last?.canary == present?.canary { continue }
      let isUndone =
        last.map {
          $0.isIntention && $0.from == present?.version
            && $0.fromRevision == present?.revision ?? 0
        } ?? false
      try log.append(
        AuditEntry(
          time: time(),
          actor: isUndone ? "recovery" : "file",
          action: isUndone ? .abort : .edit,
          model: found.name,
          alias: name,
          from: last?.version,
          fromRevision: last?.revision ?? 0,
          to: present?.version,
          revision: max(last?.revision ?? 0, present?.revision ?? 0) + 1,
          canary: present?.canary,
          sha256: present.flatMap { repository.digest($0.version, of: found) }
        )
      )
    }
  }
}
