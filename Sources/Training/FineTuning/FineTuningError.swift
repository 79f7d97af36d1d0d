/// Why a model cannot be fine-tuned as asked.
package enum FineTuningError: Error, Equatable, CustomStringConvertible {
  /// A graph that training cannot start from: what is missing or in the way, by name.
  case model(String)
  /// A node that has to be differentiated and cannot be.
  case noGradient(node: String, op: String, reason: String)
  /// A freeze pattern that is no layer's or variable's name.
  case freeze(pattern: String, layers: [String])
  /// A head that cannot be replaced.
  case head(String)
  /// An option with an impossible value.
  case option(String)
  /// Examples that do not fit the model or the task.
  case data(String)

  package var description: String {
    switch self {
    case .model(let detail): "the model cannot be fine-tuned: \(detail)"
    case .noGradient(let node, let op, let reason):
      "the model cannot be fine-tuned: node \(node) (\(op)) has no gradient (\(reason)); "
        + "freeze every layer before it"
    case .freeze(let pattern, let layers):
      "freeze pattern '\(pattern)' matches no layer or variable; the layers are "
        + layers.joined(separator: ", ")
    case .head(let detail): "the head cannot be replaced: \(detail)"
    case .option(let detail): detail
    case .data(let detail): detail
    }
  }
}
