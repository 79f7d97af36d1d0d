/// What is wrong with something given to this target.
package enum ReinforcementError: Error, Equatable, CustomStringConvertible {
  /// A Markov decision process that is none.
  case process(String)
  /// A replay memory that cannot be, or a transition that does not fit into it.
  case replay(String)
  /// A graph that is no Q-network.
  case network(String)
  /// A number or a policy out of its range.
  case parameter(String)
  /// An iteration that came to its limit while numbers still changed by `change`.
  case notConverged(iterations: Int, change: Double)
  /// Equations without a unique solution.
  case singular(String)
  /// An environment that cannot be made.
  case environment(String)

  package var description: String {
    switch self {
    case .process(let detail): "Markov decision process: \(detail)"
    case .replay(let detail): "replay memory: \(detail)"
    case .network(let detail): "Q-network: \(detail)"
    case .parameter(let detail): detail
    case .notConverged(let iterations, let change):
      "not converged: after \(iterations) iterations values still change by \(change);"
        + " allow more iterations, a larger tolerance or a smaller discount"
    case .singular(let detail): "no unique values: \(detail); use a discount below 1"
    case .environment(let detail): "environment: \(detail)"
    }
  }
}
