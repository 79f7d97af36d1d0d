/// A graph in the language of Graphviz: `martlet inspect MODEL --dot | dot -Tsvg`.
package enum GraphDOT {
  package static func text(_ graph: Graph) -> String {
    var lines = [
      "digraph \(quoted(graph.name)) {", "  rankdir=TB;",
      "  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", fontsize=11];",
      "  edge [fontname=\"Helvetica\", fontsize=9, color=\"#777777\"];",
    ]
    write(graph, prefix: "n", indent: "  ", to: &lines)
    lines.append("}")
    return lines.joined(separator: "\n") + "\n"
  }

  /// Boxes and lines of a graph; each body is a cluster that its operator points to.
  ///
  /// `Graph.bodyDepthMax` bounds the recursion.
  private static func write(
    _ graph: Graph,
    prefix: String,
    indent: String,
    to lines: inout [String]
  ) {
    let layout = GraphLayout(graph)
    for (index, box) in layout.boxes.enumerated() {
      let label = box.detail.isEmpty ? box.title : "\(box.title)\n\(box.detail)"
      lines.append(
        "\(indent)\(prefix)\(index) [label=\(quoted(label)), fillcolor=\"\(GraphColors.fill(box.kind))\"];"
      )
      for (number, body) in box.bodies.enumerated() {
        let inner = "\(prefix)\(index)b\(number)_"
        lines.append("\(indent)subgraph cluster_\(inner) {")
        lines.append("\(indent)  label=\(quoted(body.title));")
        write(body.graph, prefix: inner, indent: indent + "  ", to: &lines)
        lines.append("\(indent)}")
        if !body.graph.inputs.isEmpty || !body.graph.nodes.isEmpty {
          lines.append("\(indent)\(prefix)\(index) -> \(inner)0 [style=dashed];")
        }
      }
    }
    for line in layout.lines {
      lines.append(
        "\(indent)\(prefix)\(line.from) -> \(prefix)\(line.to) [label=\(quoted(line.label))];"
      )
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text.unicodeScalars {
      switch character {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(character)
      }
    }
    return result + "\""
  }
}

/// The colours that pictures of graphs share.
enum GraphColors {
  static func fill(_ kind: GraphLayout.Kind) -> String {
    switch kind {
    case .input: "#d8ecd8"
    case .operation: "#dce6f5"
    case .output: "#f8e3c8"
    }
  }
}
