@testable import Service

/// Rows of feedback for tests.
enum FeedbackFixtures {
  static func entry(
    version: Int = 1,
    predicted: Prediction = .label("a"),
    time: UInt64 = 0,
    values: [Float] = [1, 2, 3]
  ) -> RecentPredictions.Entry {
    RecentPredictions.Entry(
      version: version,
      labels: ["a", "b"],
      predicted: predicted,
      shape: [values.count],
      row: bytes(values),
      time: time
    )
  }

  static func record(
    _ number: Int = 0,
    version: Int = 1,
    predicted: Prediction = .label("a"),
    truth: Prediction = .label("a"),
    shape: [Int] = [3]
  ) -> FeedbackRecord {
    let count = shape.reduce(1, *)
    return FeedbackRecord(
      id: "pred-\(number)",
      time: 1000 + Double(number),
      version: version,
      predicted: predicted,
      truth: truth,
      shape: shape,
      row: bytes((0..<count).map { Float(number * 10 + $0) })
    )
  }

  static func bytes(_ values: [Float]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

  static func limits(_ change: (inout ServiceLimits) -> Void) -> ServiceLimits {
    var limits = ServiceLimits()
    change(&limits)
    return limits
  }
}
