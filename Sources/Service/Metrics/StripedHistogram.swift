/// How often values fell into ranges that double, and their sum.
///
/// Bucket k counts values up to `smallest * 2^k`; one more counts the larger ones.
final class StripedHistogram: Sendable {
  /// The upper bound of the first bucket.
  let smallest: UInt64
  /// Buckets with an upper bound.
  let bucketCount: Int
  private let counters: StripedCounters

  init(smallest: UInt64, bucketCount: Int) {
    self.smallest = max(smallest, 1)
    self.bucketCount = bucketCount
    counters = StripedCounters(bucketCount + 2)
  }

  /// Counts a value, `count` times; `stripe` as in `StripedCounters`.
  func observe(_ value: UInt64, count: Int = 1, stripe: Int) {
    let count = UInt64(clamping: count)
    counters.add(count, to: bucket(of: value), stripe: stripe)
    counters.add(value &* count, to: bucketCount + 1, stripe: stripe)
  }

  /// The position of a value's bucket; `bucketCount` for those above all bounds.
  func bucket(of value: UInt64) -> Int {
    let multiple = (max(value, 1) - 1) / smallest
    return min(UInt64.bitWidth - multiple.leadingZeroBitCount, bucketCount)
  }

  /// The upper bound of a bucket.
  func bound(_ bucket: Int) -> UInt64 { smallest << UInt64(bucket) }

  /// How many values fell into each bucket, the one without an upper bound last.
  var counts: [UInt64] { (0...bucketCount).map { counters[$0] } }

  /// The sum of the values.
  var sum: UInt64 { counters[bucketCount + 1] }
}
