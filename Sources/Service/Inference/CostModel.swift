/// How long runs take, learnt from those that ran: a moving average for each power of two of rows, close
/// to the shortest times.
struct CostModel {
  /// Nanoseconds of a run of up to 2^index rows; 0 where none was measured.
  private var averages = InlineArray<32, Double>(repeating: 0)

  /// Weight of a measurement below the average: quickly believed.
  private static let weightBelow = 0.5
  /// Weight of one above it: a run that was interrupted says nothing about the model.
  private static let weightAbove = 0.02
  /// How many times the average a measurement counts at most.
  private static let outlierFactor = 8.0

  /// Adds a measurement.
  mutating func note(rows: Int, nanoseconds: UInt64) {
    let index = Self.bucket(rows)
    let average = averages[index]
    guard average > 0 else {
      averages[index] = Double(nanoseconds)
      return
    }
    let difference = min(Double(nanoseconds), Self.outlierFactor * average) - average
    averages[index] += difference * (difference < 0 ? Self.weightBelow : Self.weightAbove)
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
