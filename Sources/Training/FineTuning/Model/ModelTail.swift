package import GraphIR
import Tensors

/// Where a graph's logits are, and the function behind them that makes probabilities.
package struct ModelTail: Sendable {
  /// What a loss sees: values without bounds.
  package let logits: ValueID
  /// The Softmax, LogSoftmax or Sigmoid between logits and an output, where there is one.
  package let node: NodeID?

  static let operators: Set<OperatorName> = ["Softmax", "LogSoftmax", "Sigmoid"]

  /// Finds them.
  ///
  /// In this order: the value called `name`; the operand of such a function that makes an output; the only floating-point output.
  ///
  /// - Throws: `FineTuningError.model` for a name that the graph does not have, or several outputs to choose from.
  init(of graph: Graph, logits name: String?) throws(FineTuningError) {
    let outputs = graph.outputs.filter { graph[$0].type.dtype.isFloatingPoint }
    if let name {
      guard let logits = graph.value(named: name) else {
        throw .model("there is no value '\(name)' for its logits")
      }
      self.logits = logits
      node = graph.consumers(of: logits).first { id in
        Self.operators.contains(graph[id].op)
          && graph[id].outputs.contains { $0.map(graph.outputs.contains) ?? false }
      }
      return
    }
    for output in outputs {
      if let id = Self.producer(of: output, in: graph), Self.operators.contains(graph[id].op),
        case .some(let operand)? = graph[id].inputs.first
      {
        logits = operand
        node = id
        return
      }
    }
    guard outputs.count == 1 else {
      let names = graph.outputs.map { graph[$0].name }.joined(separator: ", ")
      throw .model("which of its outputs (\(names)) holds the logits has to be said")
    }
    logits = outputs[0]
    node = nil
  }

  /// The node that computes a value, behind any that only pass it on.
  private static func producer(of value: ValueID, in graph: Graph) -> NodeID? {
    var current = value
    while case .output(let id, _) = graph[current].source {
      guard graph[id].op == "Identity", case .some(let next)? = graph[id].inputs.first else {
        return id
      }
      current = next
    }
    return nil
  }
}
