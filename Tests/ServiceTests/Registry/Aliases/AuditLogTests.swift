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

  @Test func aTornLastLineIsDroppedAtEveryByte() throws {
    do {
      let log = try open()
      for number in 1...2 { try log.append(entry(number)) }
    }
    let bytes = try FileAccess.read(path, byteCountMax: 1 << 20)
    let lineCount = bytes.count / 2
    for length in lineCount..<bytes.count {
      unlink(path)
      try FileAccess.create(path, Array(bytes.prefix(length)))
      let log = try open()
      #expect(log.count == (length >= bytes.firstIndex(of: 0x0A).map { $0 + 1 } ?? 0 ? 1 : 0))
      try log.append(entry(7))
      #expect(try log.entries(log.count...log.count) == [entry(7)])
    }
    // A last line whose blocks never came.
    unlink(path)
    let first = Array(bytes.prefix { $0 != 0x0A }) + [0x0A]
    try FileAccess.create(path, first + [0, 0, 0, 0x0A])
    #expect(try open().count == 1)
    #expect(try FileAccess.read(path, byteCountMax: 1 << 20) == first)
  }

  @Test func aDamagedLineBeforeTheLastIsReportedAndKept() throws {
    do {
      let log = try open()
      for number in 1...3 { try log.append(entry(number)) }
    }
    var bytes = try FileAccess.read(path, byteCountMax: 1 << 20)
    bytes[2] = 0
    unlink(path)
    try FileAccess.create(path, bytes)
    let error = #expect(throws: ServiceError.self) { try open() }
    #expect(error?.message.contains("damaged at byte 0") == true)
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
