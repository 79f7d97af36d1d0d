import Tensors

/// A graph as rows for a table: one for each operator, with its output and the parameters it reads.
package struct GraphSummary: Sendable {
  /// One operator.
  package struct Row: Sendable {
    package let name: String
    package let op: OperatorName
    package let output: String
    /// Elements of the constants and variables that the operator reads first; a shared one counts where it is read first.
    package let parameterCount: Int
    /// Bodies around the operator.
    package let depth: Int
  }

  package let rows: [Row]
  /// Elements of all floating-point constants and variables.
  package let parameterCount: Int
  package let parameterByteCount: Int

  package init(_ graph: Graph) {
    var totals = Totals()
    rows = totals.add(graph, depth: 0)
    parameterCount = totals.parameterCount
    parameterByteCount = totals.parameterByteCount
  }

  private struct Totals {
    var parameterCount = 0
    var parameterByteCount = 0

    /// The rows of a graph, each operator's followed by those of its bodies.
    mutating func add(_ graph: Graph, depth: Int) -> [Row] {
      var seen: Set<ValueID> = []
      var rows: [Row] = []
      for node in graph.nodes {
        var own = 0
        for case let input? in node.inputs where seen.insert(input).inserted {
          guard let tensor = GraphSummary.parameter(graph[input].source),
            tensor.dtype.isFloatingPoint
          else { continue }
          own += tensor.shape.elementCount
          parameterByteCount += tensor.byteCount
        }
        parameterCount += own
        let output = node.outputs.first.flatMap { $0 }.map { graph[$0].type.description } ?? ""
        rows.append(
          Row(name: node.name, op: node.op, output: output, parameterCount: own, depth: depth)
        )
        for (_, body) in node.bodies { rows += add(body, depth: depth + 1) }
      }
      return rows
    }
  }

  fileprivate static func parameter(_ source: ValueSource) -> Tensor? {
    switch source {
    case .constant(let tensor): tensor
    case .variable(let initial, _): initial
    case .placeholder, .output: nil
    }
  }
}
