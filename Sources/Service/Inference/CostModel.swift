/// How long runs take, learnt from those that ran: a moving average for each power of two of rows.
struct CostModel {
  /// Nanoseconds of a run of up to 2^index rows; 0 where none was measured.
  private var averages = InlineArray<32, Double>(repeating: 0)

  /// Weight of a new measurement.
  private static let weight = 0.1

  /// Adds a measurement.
  mutating func note(rows: Int, nanoseconds: UInt64) {
    let index = Self.bucket(rows)
    let measured = Double(nanoseconds)
    averages[index] += averages[index] == 0 ? measured : Self.weight * (measured - averages[index])
  }

  /// The expected time of a run, nanoseconds: from the nearest smaller size that was measured, scaled up;
  /// 0 where nothing was measured.
  func estimate(rows: Int) -> Double {
    let wanted = Self.bucket(rows)
    var scale = 1.0
    for index in stride(from: wanted, through: 0, by: -1) {
      if averages[index] > 0 { return averages[index] * scale }
      scale *= 2
    }
    return 0
  }

  private static func bucket(_ rows: Int) -> Int {
    min(31, Int.bitWidth - max(rows - 1, 0).leadingZeroBitCount)
  }
}
