/// A graph in the language of Graphviz: `martlet inspect MODEL --dot | dot -Tsvg`.
package enum GraphDOT {
  package static func text(_ graph: Graph) -> String {
    let layout = GraphLayout(graph)
    var lines = [
      "digraph \(quoted(graph.name)) {", "  rankdir=TB;",
      "  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", fontsize=11];",
      "  edge [fontname=\"Helvetica\", fontsize=9, color=\"#777777\"];",
    ]
    for (index, box) in layout.boxes.enumerated() {
      let label = box.detail.isEmpty ? box.title : "\(box.title)\n\(box.detail)"
      lines.append(
        "  n\(index) [label=\(quoted(label)), fillcolor=\"\(GraphColors.fill(box.kind))\"];"
      )
    }
    for line in layout.lines {
      lines.append("  n\(line.from) -> n\(line.to) [label=\(quoted(line.label))];")
    }
    lines.append("}")
    return lines.joined(separator: "\n") + "\n"
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
