package import HTTP

/// What an alias must be like for a change to be made: compare-and-set.
package enum AliasExpectation: Sendable, Equatable {
  /// Whatever it is.
  case anything
  /// It points to this version; nil where it must not exist.
  case version(Int?)
  /// It is at this revision.
  case revision(Int)
  /// It exists (`If-Match: *`).
  case exists

  /// - Throws: `AliasConflict` with the present state where the alias is not like that.
  func check(_ present: AliasDocument?) throws(AliasConflict) {
    let (status, expected): (Status, String)
    switch self {
    case .anything: return
    case .version(let version):
      if present?.version == version { return }
      (status, expected) = (.conflict, version.map { "at version \($0)" } ?? "not to exist")
    case .revision(let revision):
      if let present, present.revision == revision { return }
      (status, expected) = (.preconditionFailed, "at revision \(revision)")
    case .exists:
      if present != nil { return }
      (status, expected) = (.preconditionFailed, "to exist")
    }
    throw AliasConflict(status: status, expected: expected, present: present)
  }
}

/// An alias is not what the change expected: somebody else was first.
package struct AliasConflict: Error, Equatable, CustomStringConvertible {
  /// 409 for an expected version, 412 for an expected revision.
  package let status: Status
  let expected: String
  /// What it is now; nil where there is no such alias.
  package let present: AliasDocument?

  package var description: String {
    let found =
      present.map { "it is at version \($0.version), revision \($0.revision)" }
      ?? "there is no such alias"
    return "the alias was expected \(expected), but \(found); nothing was changed"
  }
}
