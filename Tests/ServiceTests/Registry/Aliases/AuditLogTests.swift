import Glibc
import Storage
import Testing

@testable import Service

@Suite struct AuditLogTests {
  let folder = TemporaryFolder()
  var path: String { "\(folder.path)/.martlet/audit.jsonl" }

  func entry(_ number: Int, model: String = "m") -> AuditEntry {
    AuditEntry(
      time: "now",
      actor: "job \"1\"\n",
      action: .promote,
      model: model,
      alias: "stable",
      from: number > 1 ? number - 1 : nil,
      fromRevision: number - 1,
      to: number,
      revision: number,
      canary: number % 2 == 0 ? .init(version: 9, percent: 12.5) : nil,
      sha256: "abc"
    )
  }

  func open() throws -> AuditLog { try AuditLog(path, SystemFiles()) }

  @Test func keepsWhatWasAdded() throws {
    do {
      let log = try open()
      for number in 1...5 { try log.append(entry(number)) }
      #expect(try log.entries(2...3) == [entry(2), entry(3)])
    }
    let log = try open()
    #expect(log.count == 5)
    #expect(try log.entries(1...5) == (1...5).map { entry($0) })
    #expect(log.last("m", "stable")?.revision == 5)
    #expect(log.last("m", "other") == nil)
    #expect(log.aliases(of: "m") == ["stable"])
  }

  @Test func aTornLastEntryIsDroppedAtEveryByte() throws {
    var end = 0
    do {
      let log = try open()
      try log.append(entry(1))
      end = try FileAccess.read(path, byteCountMax: 1 << 20).count
      try log.append(entry(2))
    }
    let bytes = try FileAccess.read(path, byteCountMax: 1 << 20)
    for length in end..<bytes.count {
      unlink(path)
      try FileAccess.create(path, Array(bytes.prefix(length)))
      let log = try open()
      #expect(log.count == 1)
      #expect(log.last("m", "stable")?.revision == 1)
      try log.append(entry(7))
      #expect(try log.entries(2...2) == [entry(7)])
    }
  }

  @Test func aLogThatLostMoreThanItsEndIsReportedAndKept() throws {
    do {
      let log = try open()
      for number in 1...50 { try log.append(entry(number)) }
    }
    var bytes = try FileAccess.read(path, byteCountMax: 1 << 20)
    bytes[40] ^= 1
    unlink(path)
    try FileAccess.create(path, bytes)
    let error = #expect(throws: ServiceError.self) { try open() }
    #expect(error?.message.contains("damaged at byte 16: record 0") == true)
    #expect(try FileAccess.read(path, byteCountMax: 1 << 20) == bytes)
  }

  @Test func pagesGoThroughTheWholeLogInBothOrders() throws {
    let log = try open()
    for number in 1...250 { try log.append(entry(number, model: number % 5 == 0 ? "five" : "m")) }
    for order in [AuditPage.Query.Order.newestFirst, .oldestFirst] {
      for model in [nil, "five", "none"] {
        var seen: [Int] = []
        var after: Int?
        var hasMore = true
        while hasMore {
          let page = try AuditPage(log, .init(after: after, limit: 7, model: model, order: order))
          #expect(page.entries.count <= 7)
          seen += page.entries.map(\.sequence)
          for item in page.entries { #expect(item.entry.revision == item.sequence) }
          #expect(page.hasMore == false || page.last != after)
          (after, hasMore) = (page.last, page.hasMore)
        }
        let all = (1...250).filter { model == nil || model == "five" && $0 % 5 == 0 }
        #expect(seen == (order == .oldestFirst ? all : all.reversed()))
      }
    }
    #expect(try AuditPage(log, .init(after: 250, order: .oldestFirst)).entries.isEmpty)
    #expect(try AuditPage(log, .init(after: .max, order: .oldestFirst)).entries.isEmpty)
    #expect(try AuditPage(log, .init(after: 0)).entries.isEmpty)
    #expect(try AuditPage(log, .init(after: .max, limit: 1)).entries.map(\.sequence) == [250])
  }
}
