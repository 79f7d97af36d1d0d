import Dispatch
import Testing

@testable import Service

@Suite struct StripedHistogramTests {
  @Test func valuesFallUnderTheFirstBoundThatHoldsThem() {
    let histogram = StripedHistogram(smallest: 10, bucketCount: 5)
    for value: UInt64 in [0, 1, 10, 11, 20, 21, 40, 160, 161, .max / 4] {
      let bucket = histogram.bucket(of: value)
      if bucket < 5 { #expect(value <= histogram.bound(bucket), "\(value)") }
      if bucket > 0 { #expect(value > histogram.bound(bucket - 1), "\(value)") }
      histogram.observe(value, stripe: Int(value % 5))
    }
    #expect(histogram.counts == [3, 2, 2, 0, 1, 2])
    #expect(histogram.sum == 0 + 1 + 10 + 11 + 20 + 21 + 40 + 160 + 161 + UInt64.max / 4)
  }

  @Test func noneIsLostAmongThreads() {
    let counters = StripedCounters(3)
    DispatchQueue.concurrentPerform(iterations: 40) { thread in
      for round in 0..<1000 { counters.add(UInt64(round % 3), to: round % 3, stripe: thread) }
    }
    #expect((0..<3).map { counters[$0] } == [0, 40 * 333, 2 * 40 * 333])
  }

  @Test func countersOfOneModelAreTheSame() {
    let table = ModelMetrics.Table()
    #expect(table.metrics(of: "a") === table.metrics(of: "a"))
    #expect(table.metrics(of: "a") !== table.metrics(of: "b"))
  }
}
