import Testing

@testable import Service

@Suite struct RecentPredictionsTests {
  func insert(_ table: RecentPredictions, _ count: Int, time: UInt64 = 0) -> [PredictionID] {
    (0..<count).map { _ in
      let id = PredictionID()
      table.insert([(id, FeedbackFixtures.entry(time: time))])
      return id
    }
  }

  @Test func theOldestGoWhereThereAreTooMany() {
    let table = RecentPredictions(FeedbackFixtures.limits { $0.recentPredictionsPerModel = 3 })
    let ids = insert(table, 5)
    #expect(ids.map { table.entry($0, now: 0) != nil } == [false, false, true, true, true])
    #expect(table.count == 3)
  }

  @Test func theOldestGoWhereTheyTakeTooMuch() {
    let one = FeedbackFixtures.entry().byteCount
    let table = RecentPredictions(
      FeedbackFixtures.limits { $0.recentPredictionBytesPerModel = one * 2 + 1 }
    )
    let ids = insert(table, 4)
    #expect(ids.map { table.entry($0, now: 0) != nil } == [false, false, true, true])
    #expect(table.byteCount == one * 2)
  }

  @Test func oldOnesExpire() {
    let table = RecentPredictions(FeedbackFixtures.limits { $0.recentPredictionSeconds = 10 })
    let old = insert(table, 1, time: 1)[0]
    #expect(table.entry(old, now: 10_000_000_001) != nil)
    #expect(table.entry(old, now: 10_000_000_002) == nil)
    #expect(table.count == 1)
    _ = insert(table, 1, time: 20_000_000_000)
    #expect(table.count == 1)
  }

  @Test func placesOfToldRowsDoNotPileUp() {
    let table = RecentPredictions(FeedbackFixtures.limits { $0.recentPredictionsPerModel = 100 })
    let first = insert(table, 1)[0]
    for _ in 0..<99 { table.remove(insert(table, 1)) }
    #expect(table.entry(first, now: 0) != nil)
    table.remove(insert(table, 1))
    #expect(table.entry(first, now: 0) == nil)
    #expect(table.byteCount == 0)
  }

  @Test func manyRowsComeAndGo() {
    let table = RecentPredictions(FeedbackFixtures.limits { $0.recentPredictionsPerModel = 50 })
    var ids: [PredictionID] = []
    for round in 0..<5000 {
      ids += insert(table, 1)
      if round % 3 == 0 { table.remove([ids[ids.count / 2]]) }
      #expect(table.count <= 50)
    }
    #expect(table.entry(ids[4999], now: 0) != nil)
    #expect(table.entry(ids[4949], now: 0) == nil)
    table.remove(ids)
    #expect(table.count == 0)
    #expect(table.byteCount == 0)
  }
}
