/// How exactly a Markov decision process is solved.
package struct PlanningOptions: Equatable, Sendable {
  /// gamma, in [0, 1]: what a reward one step later is worth.
  ///
  /// 1 is for processes in which every episode ends.
  package var discount: Double
  /// How far each value may be from the exact one.
  ///
  /// Kept for a discount below 1. For a discount of 1 nothing bounds the distance; iteration ends when no value changes by more.
  package var tolerance: Double
  /// Sweeps over all states, or improvements of a policy, before giving up.
  package var iterationsMax: Int

  package init(discount: Double, tolerance: Double = 1e-9, iterationsMax: Int = 100_000) {
    self.discount = discount
    self.tolerance = tolerance
    self.iterationsMax = iterationsMax
  }

  /// - Throws: `ReinforcementError.parameter` naming the value that is outside its range.
  func validate() throws(ReinforcementError) {
    guard discount >= 0, discount <= 1 else {
      throw .parameter("discount is \(discount), expected 0 to 1")
    }
    guard tolerance > 0, tolerance.isFinite else {
      throw .parameter("tolerance is \(tolerance), expected a finite number above 0")
    }
    guard iterationsMax > 0 else {
      throw .parameter("iterationsMax is \(iterationsMax), expected 1 or more")
    }
  }

  /// The change of a sweep from which on `tolerance` is kept.
  ///
  /// A sweep brings values closer by the factor gamma. One that changed them by at most d has left them at most d gamma / (1 - gamma) off.
  var finalChange: Double { discount < 1 ? tolerance * (1 - discount) : tolerance }
}
