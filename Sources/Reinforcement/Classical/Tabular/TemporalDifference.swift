/// TD(0) prediction (Sutton 1988; Sutton & Barto 2018, section 6.1): the values of states under whatever policy acts.
///
/// v(s) += rate (r + gamma v(s') - v(s)).
package struct TemporalDifference: Sendable {
  /// v(s).
  package private(set) var values: [Float]
  /// gamma, 0 to 1.
  package let discount: Float
  package let rate: TabularRate
  private var visits: [UInt32]
  private var step = 0

  /// Values that all start alike.
  package init(stateCount: Int, initialValue: Float = 0, discount: Float, rate: TabularRate) {
    values = [Float](repeating: initialValue, count: stateCount)
    visits = [UInt32](repeating: 0, count: stateCount)
    self.discount = discount
    self.rate = rate
  }

  /// Learns from one step; the action does not matter.
  package mutating func learn(_ transition: TabularTransition) {
    let state = transition.state
    let following = transition.isTerminated ? 0 : discount * values[transition.next]
    if visits[state] < .max { visits[state] += 1 }
    values[state] +=
      rate.rate(step: step, visits: visits[state])
      * (transition.reward + following - values[state])
    step += 1
  }
}
