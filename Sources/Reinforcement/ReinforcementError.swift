/// What is wrong with something given to this target.
package enum ReinforcementError: Error, Equatable, CustomStringConvertible {
  /// A Markov decision process that is none.
  case process(String)
  /// An environment that cannot be made.
  case environment(String)

  package var description: String {
    switch self {
    case .process(let detail): "Markov decision process: \(detail)"
    case .environment(let detail): "environment: \(detail)"
    }
  }
}
