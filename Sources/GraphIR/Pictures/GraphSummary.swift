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
  }

  package let rows: [Row]
  /// Elements of all floating-point constants and variables.
  package let parameterCount: Int
  package let parameterByteCount: Int

  package init(_ graph: Graph) {
    var seen: Set<ValueID> = []
    var total = 0
    var bytes = 0
    rows = graph.nodes.map { node in
      var own = 0
      for case let input? in node.inputs where seen.insert(input).inserted {
        guard let tensor = GraphSummary.parameter(graph[input].source),
          tensor.dtype.isFloatingPoint
        else { continue }
        own += tensor.shape.elementCount
        bytes += tensor.byteCount
      }
      total += own
      let output = node.outputs.first.flatMap { $0 }.map { graph[$0].type.description } ?? ""
      return Row(name: node.name, op: node.op, output: output, parameterCount: own)
    }
    parameterCount = total
    parameterByteCount = bytes
  }

  private static func parameter(_ source: ValueSource) -> Tensor? {
    switch source {
    case .constant(let tensor): tensor
    case .variable(let initial, _): initial
    case .placeholder, .output: nil
    }
  }
}
