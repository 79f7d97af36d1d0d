import Storage
import TestSupport
import Testing

@Suite struct AppendLogTests {
  private let folder: TemporaryFolder
  private var path: String { "\(folder.path)/log" }
  private let records: [[UInt8]] = [[1, 2, 3], [], [4], Array(repeating: 5, count: 40)]

  init() throws { folder = try TemporaryFolder() }

  private func bytes() throws -> [UInt8] { try FileAccess.read(path, byteCountMax: 1 << 20) }

  @Test func recordsAreThereAfterOpeningAgain() throws {
    let log = try AppendLog(path)
    try log.append(records[0])
    try log.append(contentsOf: Array(records[1...]))
    for log in [log, try AppendLog(path)] {
      #expect(log.count == 4)
      #expect(log.damage == nil)
      #expect(try log.records(from: 0, limit: 10) == records)
    }
  }

  @Test func readingStartsAnywhere() throws {
    let log = try AppendLog(path)
    try log.append(contentsOf: records)
    for start in -1...5 {
      for limit in -1...5 {
        let first = min(max(start, 0), 4)
        let expected = Array(records[first...].prefix(max(limit, 0)))
        #expect(try log.records(from: start, limit: limit) == expected)
      }
    }
    #expect(try log.records(from: .max, limit: .max) == [])
    #expect(try log.records(from: 1, limit: .max) == Array(records[1...]))
  }

  /// A crash may cut the file anywhere: the whole records before stay, and the log goes on behind them.
  @Test func everyCutLeavesThePrefix() throws {
    var ends = [16]
    let log = try AppendLog(path)
    for record in records {
      try log.append(record)
      ends.append(log.byteCount)
    }
    let whole = try bytes()
    for cut in 0..<whole.count {
      try AtomicFile.replace(path, Array(whole[..<cut]))
      let log = try AppendLog(path)
      let kept = max(ends.count(where: { $0 <= cut }) - 1, 0)
      #expect(try log.records(from: 0, limit: 10) == Array(records[..<kept]))
      let isWhole = cut == 0 || ends.contains(cut)
      #expect((log.damage == nil) == isWhole, "cut \(cut)")
      #expect(log.damage.map(\.byteCount) == (isWhole ? nil : cut - (cut < 16 ? 0 : ends[kept])))
      try log.append([8])
      let again = try AppendLog(path)
      #expect(try again.records(from: kept, limit: 2) == [[8]])
      #expect(again.damage == nil)
    }
  }

  @Test func everyFlippedByteIsNoticed() throws {
    try AppendLog(path).append(contentsOf: records)
    let whole = try bytes()
    for position in 16..<whole.count {
      var damaged = whole
      damaged[position] ^= 0x10
      try AtomicFile.replace(path, damaged)
      let log = try AppendLog(path)
      #expect(log.damage != nil)
      #expect(try log.records(from: 0, limit: 9) == Array(records.prefix(log.count)))
    }
  }

  /// File systems may leave zeros where a crash came before the content.
  @Test func aTailOfZerosIsCutOff() throws {
    try AppendLog(path).append([1])
    try AtomicFile.replace(path, try bytes() + Array(repeating: 0, count: 64))
    let log = try AppendLog(path)
    #expect(log.count == 1)
    #expect(log.damage?.byteCount == 64)
    try AtomicFile.replace(path, Array(repeating: 0, count: 40))
    #expect(try AppendLog(path).damage?.byteCount == 40)
  }

  @Test func aFileThatIsNoLogIsLeftAlone() throws {
    let text = Array("a precious file of another program".utf8)
    try FileAccess.create(path, text)
    #expect(throws: FormatError.self) { try AppendLog(path) }
    #expect(try bytes() == text)
  }

  @Test func aRecordOutOfItsPlaceIsDamage() throws {
    let file = LogLayout.header + LogLayout.record([1], index: 0) + LogLayout.record([2], index: 2)
    let scan = try LogLayout.scan(file, recordByteCountMax: 9)
    #expect(scan.offsets == [16])
    #expect(scan.damage != nil)
  }

  @Test func limitsRefuseAndChangeNothing() throws {
    let limits = AppendLog.Limits(recordByteCount: 4, fileByteCount: 60, recordCount: 3)
    let log = try AppendLog(path, limits: limits)
    #expect(throws: FormatError.self) { try log.append([1, 2, 3, 4, 5]) }
    #expect(throws: FormatError.self) { try log.append(contentsOf: [[1], [1, 2, 3, 4, 5]]) }
    try log.append(contentsOf: [[1], [2]])
    #expect(throws: FormatError.self) { try log.append(contentsOf: [[3], [4]]) }
    #expect(!log.hasRoom(forRecordsOf: [4, 4]))
    #expect(log.hasRoom(forRecordsOf: [4]))
    try log.append([3])
    #expect(throws: FormatError.self) { try log.append([]) }
    #expect(try AppendLog(path, limits: limits).records(from: 0, limit: 9) == [[1], [2], [3]])
    #expect(throws: FormatError.self) {
      try AppendLog(path, limits: .init(fileByteCount: log.byteCount - 1))
    }
  }

  /// A program with lower limits refuses new records of that size; it does not cut the old ones off.
  @Test func lowerLimitsKeepOldRecords() throws {
    try AppendLog(path).append(contentsOf: records)
    let limits = AppendLog.Limits(recordByteCount: 2, recordCount: 1)
    let log = try AppendLog(path, limits: limits)
    #expect(log.damage == nil)
    #expect(try log.records(from: 0, limit: 9) == records)
    #expect(throws: FormatError.self) { try log.append([1]) }
  }

  @Test func readingReportsDamageSinceOpening() throws {
    let log = try AppendLog(path)
    try log.append(contentsOf: [[1], [2]])
    var damaged = try bytes()
    damaged[damaged.count - 1] ^= 1
    try AtomicFile.replace(path, damaged)
    #expect(try log.records(from: 0, limit: 1) == [[1]])
    #expect(throws: FormatError.self) { try log.records(from: 0, limit: 2) }
  }

  /// Fuzzing: no change of bytes traps, and what opens is a log that goes on.
  @Test func mutatedFilesOpenOrAreRefused() throws {
    try AppendLog(path).append(contentsOf: records)
    let whole = try bytes()
    var mutator = Mutator(seed: 3)
    for _ in 0..<300 {
      try AtomicFile.replace(path, mutator.mutate(whole))
      guard let log = try? AppendLog(path) else { continue }
      let kept = try log.records(from: 0, limit: .max)
      try log.append([7])
      #expect(try AppendLog(path).records(from: 0, limit: .max) == kept + [[7]])
    }
  }
}
