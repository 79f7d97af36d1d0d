/// An environment of finitely many states whose rules are known as data.
///
/// What it shows is the number of the state, so a table over states and actions can hold a value for everything that can be met.
package protocol TabularEnvironment: Environment {
  /// The state it is in.
  var state: Int { get }

  /// What follows each state and action with which probability.
  var process: MarkovDecisionProcess { get }
}

extension TabularEnvironment {
  /// The number of states.
  package var stateCount: Int { process.stateCount }

  package func observe(into observation: UnsafeMutableBufferPointer<Float>) {
    observation[0] = Float(state)
  }
}
