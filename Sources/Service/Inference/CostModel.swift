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

  /// The expected time of a run, nanoseconds; 0 where nothing was measured.
  ///
  /// Twice the rows take at most twice the time: a size that was measured once, at a bad moment,
  /// and avoided since is not believed against its smaller neighbours.
  func estimate(rows: Int) -> Double {
    var estimate = 0.0
    for index in 0...Self.bucket(rows) {
      estimate *= 2
      let measured = averages[index]
      if measured > 0, estimate == 0 || measured < estimate { estimate = measured }
    }
    return estimate
  }

  private static func bucket(_ rows: Int) -> Int {
    min(31, Int.bitWidth - max(rows - 1, 0).leadingZeroBitCount)
  }
}
