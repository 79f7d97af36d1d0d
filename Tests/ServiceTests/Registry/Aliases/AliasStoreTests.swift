import Dispatch
import HTTP
import Synchronization
import Testing

@testable import Service

@Suite struct AliasStoreTests {
  @Test func anAliasMovesAtOnceAndRemembersWhereItWas() throws {
    let fixture = try AliasFixture()
    #expect(fixture.model?.serving?.version == 3)
    let first = try fixture.store.set("stable", of: "m", to: 1, actor: "me")
    #expect(first == AliasDocument(name: "stable", version: 1, revision: 1))
    #expect(fixture.model?.serving?.version == 1)
    #expect(fixture.alias() == first)
    let second = try fixture.store.set("stable", of: "m", to: 2, actor: "me")
    #expect(second == AliasDocument(name: "stable", version: 2, previous: 1, revision: 2))
    #expect(fixture.model?.serving?.version == 2)
    #expect(try fixture.fileAlias() == second)
    // The same again changes nothing.
    #expect(try fixture.store.set("stable", of: "m", to: 2, actor: "me") == second)
    #expect(try fixture.log() == ["set ->1 r1", "set 1>2 r2"])
    let entry = try fixture.store.audit(AuditPage.Query()).entries[0].entry
    #expect(entry.actor == "me" && entry.time == "now" && entry.model == "m")
    // SHA-256 of "plain 2".
    #expect(
      entry.sha256 == "d89a4cb0a7dabb15b52dc3039f1e1a6eafa7ee174c6b9b4ae00abdeaa46eb8ea"
    )
  }

  @Test func aChangeThatExpectedSomethingElseChangesNothing() throws {
    let fixture = try AliasFixture()
    let store = fixture.store
    try store.set("stable", of: "m", to: 1, expected: .version(nil), actor: "me")
    for (expected, status) in [
      (AliasExpectation.version(2), 409), (.version(nil), 409), (.revision(2), 412),
      (.revision(0), 412),
    ] {
      let conflict = #expect(throws: AliasConflict.self) {
        try store.set("stable", of: "m", to: 3, expected: expected, actor: "me")
      }
      #expect(conflict?.status.code == status)
      #expect(conflict?.present == fixture.alias())
    }
    #expect(throws: AliasConflict.self) {
      try store.set("other", of: "m", to: 3, expected: .exists, actor: "me")
    }
    #expect(throws: AliasConflict.self) {
      try store.delete("stable", of: "m", expected: .revision(5), actor: "me")
    }
    #expect(try fixture.log() == ["set ->1 r1"])
    try store.set("stable", of: "m", to: 2, expected: .version(1), actor: "me")
    try store.set("stable", of: "m", to: 3, expected: .revision(2), actor: "me")
    #expect(fixture.alias()?.revision == 3)
  }

  @Test func ofTwoThreadsThatExpectTheSameOneWins() throws {
    let fixture = try AliasFixture()
    let store = fixture.store
    try store.set("stable", of: "m", to: 1, actor: "me")
    for round in 1...20 {
      let wins = Mutex(0)
      DispatchQueue.concurrentPerform(iterations: 2) { index in
        do {
          try store.set(
            "stable",
            of: "m",
            to: 2 + index,
            canary: .init(version: 1, percent: Double(round)),
            expected: .revision(round),
            actor: "thread \(index)"
          )
          wins.withLock { $0 += 1 }
        } catch {
          #expect(error is AliasConflict)
        }
      }
      #expect(wins.withLock { $0 } == 1)
    }
    #expect(fixture.alias()?.revision == 21)
    #expect(try fixture.log().count == 21)
  }

  @Test func rollbackGoesBackAndForth() throws {
    let fixture = try AliasFixture()
    let store = fixture.store
    try store.set("stable", of: "m", to: 1, actor: "me")
    let alone = #expect(throws: ServiceError.self) {
      try store.rollback("stable", of: "m", actor: "me")
    }
    #expect(alone?.status == .conflict)
    try store.set("stable", of: "m", to: 3, actor: "me")
    #expect(try store.rollback("stable", of: "m", actor: "me").version == 1)
    #expect(fixture.model?.serving?.version == 1)
    #expect(try store.rollback("stable", of: "m", actor: "me").version == 3)
    #expect(
      try store.rollback("stable", of: "m", expected: .version(3), actor: "me")
        == AliasDocument(name: "stable", version: 1, previous: 3, revision: 5)
    )
    #expect(
      try fixture.log()
        == ["set ->1 r1", "set 1>3 r2", "rollback 3>1 r3", "rollback 1>3 r4", "rollback 3>1 r5"]
    )
  }

  @Test func rollbackWithdrawsACanaryFirst() throws {
    let fixture = try AliasFixture()
    let store = fixture.store
    try store.set("stable", of: "m", to: 1, actor: "me")
    try store.set("stable", of: "m", to: 2, actor: "me")
    try store.set(
      "stable",
      of: "m",
      to: 2,
      canary: .init(version: 3, percent: 25),
      actor: "me"
    )
    #expect(fixture.model?.defaultRoute?.canary?.host.version == 3)
    let back = try store.rollback("stable", of: "m", actor: "me")
    #expect(back == AliasDocument(name: "stable", version: 2, previous: 1, revision: 4))
    #expect(fixture.model?.defaultRoute?.canary == nil)
    #expect(try store.rollback("stable", of: "m", actor: "me").version == 1)
  }

  @Test func revisionsAreNotUsedAgainAfterADelete() throws {
    let fixture = try AliasFixture()
    let store = fixture.store
    try store.set("canary", of: "m", to: 1, actor: "me")
    try store.delete("canary", of: "m", actor: "me")
    #expect(fixture.alias("canary") == nil)
    #expect(throws: ServiceError.self) { try store.delete("canary", of: "m", actor: "me") }
    #expect(try store.set("canary", of: "m", to: 1, actor: "me").revision == 3)
  }

  @Test func aVersionThatCannotAnswerGetsNoAlias() throws {
    let fixture = try AliasFixture(["plain 1", "damaged", "plain 3"])
    let store = fixture.store
    try store.set("stable", of: "m", to: 1, actor: "me")
    func status(_ body: () throws -> AliasDocument) -> Int? {
      #expect(throws: ServiceError.self) { try body() }?.status.code
    }
    #expect(status { try store.set("stable", of: "m", to: 2, actor: "me") } == 422)
    #expect(status { try store.set("stable", of: "m", to: 9, actor: "me") } == 404)
    #expect(status { try store.set("stable", of: "none", to: 1, actor: "me") } == 404)
    #expect(status { try store.set("stable", of: "../m", to: 1, actor: "me") } == 404)
    #expect(status { try store.set("a/b", of: "m", to: 1, actor: "me") } == 400)
    #expect(
      status {
        try store.set(
          "stable",
          of: "m",
          to: 1,
          canary: .init(version: 2, percent: 1),
          actor: "me"
        )
      } == 422
    )
    try fixture.folder.write("m/4/model.onnx", "plain 4")
    #expect(status { try store.set("stable", of: "m", to: 4, actor: "me") } == 503)
    #expect(try fixture.log() == ["set ->1 r1"])
    #expect(fixture.model?.serving?.version == 1)
    // A version that was repaired is tried again.
    try fixture.folder.write("m/2/model.onnx", "plain 2")
    #expect(try store.set("stable", of: "m", to: 2, actor: "me").version == 2)
  }

  @Test func oldVersionsAreLoadedForAnAliasAndGoWithIt() throws {
    let fixture = try AliasFixture(loaded: 1)
    let store = fixture.store
    #expect(
      ModelRepositoryTests.states(fixture.repository).map { $0.suffix(3) } == ["BLE", "END", "END"]
    )
    try store.set("stable", of: "m", to: 1, actor: "me")
    weak let first = fixture.model?.serving
    #expect(first?.version == 1)
    try store.set("stable", of: "m", to: 2, actor: "me")
    #expect(first == nil)
    #expect(fixture.model?.serving?.version == 2)
    #expect(try store.rollback("stable", of: "m", actor: "me").version == 1)
    #expect(fixture.model?.serving?.version == 1)
    #expect(
      ModelRepositoryTests.states(fixture.repository)
        == ["m/3 AVAILABLE", "m/2 END", "m/1 AVAILABLE"]
    )
  }

  @Test func changesByHandAreKeptAndWrittenDown() throws {
    let fixture = try AliasFixture(aliases: #"{"old": 1, "stable": 2}"#)
    let store = fixture.store
    #expect(fixture.alias() == AliasDocument(name: "stable", version: 2))
    try store.set("stable", of: "m", to: 3, expected: .revision(0), actor: "me")
    #expect(
      try fixture.log() == ["edit ->1 r1", "edit ->2 r1", "set 2>3 r2"]
    )
    // What was written by hand stays as it was.
    #expect(try fixture.fileAlias("old") == AliasDocument(name: "old", version: 1))
    try fixture.folder.write("m/aliases.json", #"{"stable": 1}"#)
    fixture.repository.refresh()
    #expect(fixture.model?.serving?.version == 1)
    try store.set("stable", of: "m", to: 2, actor: "me")
    #expect(
      try fixture.log().dropFirst(3) == ["edit 1>- r2", "edit 3>1 r3", "set 1>2 r4"]
    )
  }

  @Test func aDamagedFileIsNotReplaced() throws {
    let fixture = try AliasFixture(aliases: #"{"stable": {"version": 1, "verison": 2}}"#)
    #expect(fixture.model?.aliasProblem?.contains("'stable.verison'") == true)
    let error = #expect(throws: ServiceError.self) {
      try fixture.store.set("stable", of: "m", to: 1, actor: "me")
    }
    #expect(error?.status == .conflict)
    #expect(error?.message.contains("'stable.verison'") == true)
  }

  @Test func aStableThatDoesNotAnswerIsNotReplacedByAnother() throws {
    let fixture = try AliasFixture(["plain 1", "damaged"], aliases: #"{"stable": 2}"#)
    let name = Array("m".utf8)
    let error = #expect(throws: ServiceError.self) {
      try name.withUnsafeBytes {
        try fixture.repository.snapshot.host(BorrowedBytes($0), .latest)
      }
    }
    #expect(error?.status == .serviceUnavailable)
    #expect(error?.message.contains("alias 'stable'") == true)
    #expect(
      fixture.repository.unreadyReasons
        == ["model 'm' version 2, which alias 'stable' names, does not answer"]
    )
  }

  @Test func aPromotionMayBeSaidAgain() throws {
    let fixture = try AliasFixture()
    let store = fixture.store
    try store.set("stable", of: "m", to: 1, actor: "me")
    let done = try store.promote(2, of: "m", expected: .version(1), actor: "job ftjob-1")
    #expect(try store.promote(2, of: "m", expected: .version(1), actor: "job ftjob-1") == done)
    #expect(throws: AliasConflict.self) {
      try store.promote(2, of: "m", expected: .version(1), actor: "job ftjob-2")
    }
    #expect(try fixture.log() == ["set ->1 r1", "promote 1>2 r2"])
  }

  @Test func pinKeepsWhatServesNow() throws {
    let fixture = try AliasFixture()
    #expect(try fixture.store.pin("m", actor: "job 1")?.version == 3)
    try fixture.folder.write("m/4/model.onnx", "plain")
    try fixture.folder.write("m/4/model.json", "{}")
    fixture.repository.refresh()
    #expect(fixture.model?.latest?.version == 4)
    #expect(fixture.model?.serving?.version == 3)
    #expect(try fixture.store.pin("m", actor: "job 2")?.version == 3)
    #expect(try fixture.log() == ["pin ->3 r1"])
  }

  @Test func aSecondProcessMayNotChangeAliases() throws {
    let fixture = try AliasFixture()
    try fixture.store.set("stable", of: "m", to: 1, actor: "me")
    let other = try AliasFixture([], in: fixture.folder)
    let error = #expect(throws: ServiceError.self) {
      try other.store.set("stable", of: "m", to: 2, actor: "me")
    }
    #expect(error?.status == .serviceUnavailable)
  }
}
