/// What is wrong with something given to this target.
package enum ReinforcementError: Error, Equatable, CustomStringConvertible {
  /// A Markov decision process that is none.
  case process(String)

  package var description: String {
    switch self {
    case .process(let detail): "Markov decision process: \(detail)"
    }
  }
}
