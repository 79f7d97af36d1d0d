import Storage
import TestSupport
import Testing

@testable import Service

@Suite struct FeedbackRecordTests {
  static let samples = [
    FeedbackFixtures.record(7, version: 12, truth: .label("\"ü\"\n")),
    FeedbackFixtures.record(
      predicted: .values([0.1, -3e38, 1e-30]),
      truth: .values([0.25, 1 / 3, 0]),
      shape: [1, 2, 2]
    ),
    FeedbackFixtures.record(shape: []),
  ]

  @Test(arguments: samples) func recordsComeBack(record: FeedbackRecord) throws {
    #expect(try FeedbackRecord(record.encoded) == record)
  }

  @Test func aPredictionThatIsNoNumberStaysNone() throws {
    let record = FeedbackFixtures.record(
      predicted: .values([.nan, .infinity, 2]),
      truth: .values([1, 2, 3])
    )
    guard case .values(let values) = try FeedbackRecord(record.encoded).predicted else {
      Issue.record("values became a label")
      return
    }
    #expect(values.map(\.isNaN) == [true, true, false])
    #expect(values[2] == 2)
  }

  @Test func damagedRecordsAreErrors() {
    var mutator = Mutator(seed: 11)
    var refused = 0
    for round in 0..<3000 {
      let bytes = mutator.mutate(Self.samples[round % Self.samples.count].encoded)
      do { _ = try FeedbackRecord(bytes) } catch { refused += 1 }
      _ = FeedbackStatistics(bytes)
    }
    #expect(refused > 1000)
  }

  @Test func statisticsGoOnFromTheirBytes() throws {
    var statistics = FeedbackStatistics()
    statistics.add(FeedbackFixtures.record(version: 1))
    statistics.add(FeedbackFixtures.record(version: 2, truth: .label("b")))
    statistics.add(
      FeedbackFixtures.record(version: 2, predicted: .values([1, 2]), truth: .values([3, 2]))
    )
    var copy = try #require(FeedbackStatistics(statistics.encoded))
    #expect(copy.count == 3)
    #expect(copy.accuracy.all.mean == 0.5)
    #expect(copy.accuracy.versions[2]?.mean == 0)
    #expect(copy.squaredError.all.mean == 2)
    copy.add(FeedbackFixtures.record(version: 2))
    #expect(copy.accuracy.all.count == 3)
    #expect(copy.accuracy.versions[2]?.mean == 0.5)
  }

  @Test func damagedStatisticsAreNone() {
    let bytes = FeedbackStatistics().encoded
    #expect(FeedbackStatistics(bytes) != nil)
    #expect(FeedbackStatistics([]) == nil)
    #expect(FeedbackStatistics([1] + bytes.dropFirst()) == nil)
    #expect(FeedbackStatistics(bytes.dropLast()) == nil)
  }
}
