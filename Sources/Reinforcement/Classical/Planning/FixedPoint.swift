/// Numbers that a sweep leaves as they are.
enum FixedPoint {
  /// Of the greatest number: a change of so little is rounding.
  private static let rounding = 4 * Double.ulpOfOne

  /// Repeats a sweep until it changes no number by more than `options.finalChange`, or by rounding alone.
  ///
  /// Infinite numbers in `start`, which stand for actions that are not allowed, stay as they are.
  ///
  /// - Returns: The numbers after the last sweep, and the sweeps.
  /// - Throws: `ReinforcementError.parameter` for options out of range, `notConverged` at their limit and where numbers overflow.
  static func iterate(
    from start: [Double],
    _ options: PlanningOptions,
    sweep: ([Double]) -> [Double]
  ) throws(ReinforcementError) -> (numbers: [Double], sweeps: Int) {
    try options.validate()
    var numbers = start
    var change = 0.0
    for sweeps in 1...options.iterationsMax {
      let next = sweep(numbers)
      change = 0
      var greatest = 0.0
      for (old, new) in zip(numbers, next) where old.isFinite {
        let difference = abs(new - old)
        guard difference.isFinite else {
          throw .notConverged(iterations: sweeps, change: .infinity)
        }
        change = max(change, difference)
        greatest = max(greatest, abs(new))
      }
      numbers = next
      if change <= max(options.finalChange, greatest * rounding) { return (numbers, sweeps) }
    }
    throw .notConverged(iterations: options.iterationsMax, change: change)
  }
}
