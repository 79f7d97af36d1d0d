/// What is wrong with something given to this target.
package enum ReinforcementError: Error, Equatable, CustomStringConvertible {
  /// A Markov decision process that is none.
  case process(String)
  /// A replay memory that cannot be, or a transition that does not fit into it.
  case replay(String)
  /// A graph that is no Q-network.
  case network(String)

  package var description: String {
    switch self {
    case .process(let detail): "Markov decision process: \(detail)"
    case .replay(let detail): "replay memory: \(detail)"
    case .network(let detail): "Q-network: \(detail)"
    }
  }
}
