import Testing

@testable import Service

/// Loses power at every step of a change and looks at what the next start makes of it.
@Suite struct AliasCrashTests {
  /// What is changed in the test, after version 1 has become `stable`.
  enum Change: CaseIterable {
    case move, canary, rollback, delete, create

    func make(_ store: AliasStore) throws {
      switch self {
      case .move: try store.promote(3, of: "m", actor: "me")
      case .canary:
        try store.set("stable", of: "m", to: 2, canary: .init(version: 3, percent: 5), actor: "me")
      case .rollback: try store.rollback("stable", of: "m", actor: "me")
      case .delete: try store.delete("stable", of: "m", actor: "me")
      case .create: try store.set("other", of: "m", to: 1, actor: "me")
      }
    }
  }

  @Test(arguments: Change.allCases, CrashingFiles.Remains.allCases)
  func logAndFileAgreeAfterACrashAtEveryStep(
    _ change: Change,
    _ remains: CrashingFiles.Remains
  ) throws {
    var crashes = 0
    while true {
      let folder = TemporaryFolder()
      let before = try Self.prepared(folder)
      let name = change == .create ? "other" : "stable"
      let old = before.alias
      let files = CrashingFiles(crashAt: crashes, remains)
      var isDone = false
      do {
        let fixture = try AliasFixture([], in: folder, files: files)
        do {
          try change.make(fixture.store)
          isDone = true
        } catch is CrashingFiles.Crash {}
      }
      let restarted = try AliasFixture([], in: folder)
      try restarted.store.recover()
      let present = try restarted.fileAlias(name)
      #expect(restarted.alias(name) == present)
      let log = try restarted.store.audit(AuditPage.Query()).entries.map(\.entry)
      let last = log.first { $0.alias == name }
      #expect(last?.to == present?.version, "\(change) \(remains) at step \(crashes)")
      #expect(last?.canary == present?.canary)
      // Nothing in between: as before, or as wanted.
      let wanted = Self.wanted(change)
      #expect(
        name == "stable" && present?.version == old?.version && present?.canary == old?.canary
          || name == "other" && present == nil
          || present?.version == wanted?.version && present?.canary == wanted?.canary
      )
      if isDone {
        #expect(present?.version == wanted?.version)
        #expect(log.allSatisfy { $0.action != .abort })
        // Everything was acknowledged before any crash.
        #expect(crashes == files.steps && crashes >= 5)
        return
      }
      // The next change goes through.
      let revision = last?.revision ?? 0
      #expect(
        try restarted.store.set(
          name,
          of: "m",
          to: 1,
          canary: .init(version: 2, percent: 7),
          actor: "me"
        ).revision == revision + 1
      )
      #expect(try restarted.store.audit(AuditPage.Query()).entries.first?.entry.to == 1)
      crashes += 1
      try #require(crashes < 50)
    }
  }

  /// `stable` at version 2, before at 1.
  private static func prepared(_ folder: TemporaryFolder) throws -> (alias: AliasDocument?, Void) {
    let fixture = try AliasFixture(in: folder)
    try fixture.store.set("stable", of: "m", to: 1, actor: "me")
    try fixture.store.set("stable", of: "m", to: 2, actor: "me")
    return (try fixture.fileAlias(), ())
  }

  private static func wanted(_ change: Change) -> AliasDocument? {
    switch change {
    case .move: AliasDocument(name: "stable", version: 3)
    case .canary: AliasDocument(name: "stable", version: 2, canary: .init(version: 3, percent: 5))
    case .rollback: AliasDocument(name: "stable", version: 1)
    case .delete: nil
    case .create: AliasDocument(name: "other", version: 1)
    }
  }

  @Test func theFirstChangeOfAllMayCrashToo() throws {
    for remains in CrashingFiles.Remains.allCases {
      var crashes = 0
      while true {
        let folder = TemporaryFolder()
        try folder.write("m.onnx", "plain")
        let files = CrashingFiles(crashAt: crashes, remains)
        do {
          let fixture = try AliasFixture([], in: folder, files: files)
          if (try? fixture.store.set("stable", of: "m", to: 1, actor: "me")) != nil { break }
        }
        let restarted = try AliasFixture([], in: folder)
        try restarted.store.recover()
        let present = try restarted.fileAlias()
        let last = try restarted.store.audit(AuditPage.Query()).entries.first?.entry
        #expect(last?.to == present?.version, "\(remains) at step \(crashes)")
        #expect(restarted.model?.serving?.version == 1)
        crashes += 1
        try #require(crashes < 50)
      }
      #expect(crashes >= 8)
    }
  }

  @Test func aDiskThatFailsOnceIsNoCrash() throws {
    let folder = TemporaryFolder()
    // Steps of the second change: 1 log, then remove, create, move, sync.
    let fixture = try AliasFixture(in: folder, files: FailingOnce(at: "m/.aliases.json.new"))
    let store = fixture.store
    #expect(throws: FailingOnce.Full.self) { try store.set("stable", of: "m", to: 1, actor: "me") }
    #expect(try fixture.log() == ["set ->1 r1", "abort 1>- r2"])
    #expect(fixture.alias() == nil)
    #expect(try store.set("stable", of: "m", to: 1, actor: "me").revision == 3)
    #expect(fixture.model?.serving?.version == 1)
  }
}
