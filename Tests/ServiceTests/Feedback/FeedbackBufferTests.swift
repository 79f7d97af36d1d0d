import Glibc
import Storage
import Testing

@testable import Service

@Suite struct FeedbackBufferTests {
  let folder = TemporaryFolder()

  func open(rows: Int = 1000, bytes: Int = 1 << 20) throws -> FeedbackBuffer {
    try FeedbackBuffer(
      folder.path + "/m",
      limits: FeedbackFixtures.limits {
        $0.feedbackRowsPerModel = rows
        $0.feedbackBytesPerModel = bytes
      }
    )
  }

  func ids(_ buffer: FeedbackBuffer, _ limit: Int = 10_000) throws -> [String] {
    try buffer.newest(limit).map(\.id)
  }

  @Test func rowsAreThereForTheNextProcess() throws {
    let buffer = try open()
    let records = (0..<5).map { FeedbackFixtures.record($0, truth: .label($0 < 3 ? "a" : "b")) }
    var told = 0
    try buffer.append(records) { told += $0.count }
    #expect(told == 5)
    // The first one is still open, as after kill -9: nothing is written at its end.
    let again = try open()
    #expect(try again.newest(100) == records)
    #expect(try ids(again, 2) == ["pred-3", "pred-4"])
    #expect(again.statistics.accuracy.all.mean == 0.6)
    #expect(again.labels == ["a": 3, "b": 2])
    withExtendedLifetime(buffer) {}
  }

  @Test func aTornTailCostsOnlyItself() throws {
    try open().append((0..<3).map { FeedbackFixtures.record($0) }) { _ in }
    let path = "\(folder.path)/m/\(try FileAccess.names(in: folder.path + "/m")[0])"
    let whole = try FileAccess.read(path, byteCountMax: 1 << 20)
    for count in [whole.count - 1, whole.count - 40] {
      unlink(path)
      try FileAccess.create(path, Array(whole.prefix(count)))
      let buffer = try open()
      #expect(try ids(buffer) == ["pred-0", "pred-1"])
      #expect(buffer.problems.count == 1)
      try buffer.append([FeedbackFixtures.record(9)]) { _ in }
      #expect(try ids(open()) == ["pred-0", "pred-1", "pred-9"])
    }
  }

  @Test func theOldestGoAndTheirCountsStay() throws {
    // 32 rows in 16 files of 2.
    let buffer = try open(rows: 32)
    for number in 0..<50 {
      let truth = Prediction.label(number < 25 ? "b" : "a")
      try buffer.append([FeedbackFixtures.record(number, truth: truth)]) { _ in }
    }
    #expect(buffer.count == 32)
    #expect(try ids(buffer).first == "pred-18")
    #expect(buffer.labels == ["a": 25, "b": 7])
    #expect(buffer.statistics.count == 50)
    let again = try open(rows: 32)
    #expect(try ids(again) == (18..<50).map { "pred-\($0)" })
    #expect(again.statistics.count == 50)
    #expect(again.statistics.accuracy.all.mean == 0.5)
    #expect(again.statistics.accuracy.all.count == 50)
    #expect(again.labels == ["a": 25, "b": 7])
  }

  @Test func manyRowsAtOnceTakeSeveralFiles() throws {
    let buffer = try open(rows: 48)
    var parts: [Int] = []
    try buffer.append((0..<20).map { FeedbackFixtures.record($0) }) { parts.append($0.count) }
    #expect(parts == [3, 3, 3, 3, 3, 3, 2])
    #expect(try ids(open(rows: 48)) == (0..<20).map { "pred-\($0)" })
  }

  @Test func bytesAreBounded() throws {
    let buffer = try open(bytes: 16 * 1024)
    for number in 0..<200 { try buffer.append([FeedbackFixtures.record(number)]) { _ in } }
    let names = try FileAccess.names(in: folder.path + "/m")
    let total = try names.reduce(0) {
      $0 + (try FileAccess.read("\(folder.path)/m/\($1)", byteCountMax: 1 << 20).count)
    }
    #expect(total <= 16 * 1024)
    #expect(total > 14 * 1024)
    #expect(buffer.statistics.count == 200)
  }

  @Test func aRowLargerThanAFileHasOneOfItsOwn() throws {
    let buffer = try open(bytes: 1600)
    try buffer.append((0..<3).map { FeedbackFixtures.record($0, shape: [400]) }) { _ in }
    #expect(try ids(buffer) == ["pred-2"])
    #expect(buffer.statistics.count == 3)
  }

  @Test func lowerLimitsKeepWhatIsReadable() throws {
    try open().append((0..<40).map { FeedbackFixtures.record($0) }) { _ in }
    let buffer = try open(rows: 16, bytes: 1600)
    #expect(buffer.count == 40)
    try buffer.append([FeedbackFixtures.record(40)]) { _ in }
    #expect(try ids(buffer) == ["pred-40"])
    #expect(buffer.statistics.count == 41)
  }

  @Test func aFileThatIsSomethingElseIsNotTouched() throws {
    try folder.makeFolder("m")
    try folder.write("m/000000000001.log", "my diary")
    #expect(throws: FormatError.self) { try open() }
    let text = try FileAccess.read(folder.path + "/m/000000000001.log", byteCountMax: 100)
    #expect(text == Array("my diary".utf8))
  }

  @Test func otherFilesAreLeftAlone() throws {
    try folder.makeFolder("m")
    for name in ["notes.txt", "1.log", "00000000000x.log"] { try folder.write("m/\(name)", "x") }
    try open().append([FeedbackFixtures.record(1)]) { _ in }
    #expect(try ids(open()) == ["pred-1"])
  }
}
