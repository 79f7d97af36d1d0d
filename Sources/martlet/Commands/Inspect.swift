import CommandLineTool
import GraphIR
import ONNXFormat

/// `martlet inspect`: shows what a model is made of.
struct Inspect: Command {
  let specification = CommandSpecification(
    "inspect",
    "show a model's operators, shapes and parameters",
    positionals: [.init("MODEL", ModelLocation.help)],
    flags: [
      .init("dot", "print the graph in Graphviz's language"),
      .init("svg", "print the graph as an SVG picture"),
    ],
    notes: """
      examples:
        martlet inspect lenet5
        martlet inspect lenet5 --svg > lenet5.svg
      """
  )

  func run(_ arguments: Arguments) throws -> Int32 {
    let found = try ModelLocation.open(arguments.positional(0) ?? "")
    if arguments.has("dot") && arguments.has("svg") {
      throw UsageError("--dot and --svg are two pictures: choose one")
    }
    if arguments.has("dot") {
      Terminal.output.write(GraphDOT.text(found.graph))
    } else if arguments.has("svg") {
      Terminal.output.write(GraphSVG.text(found.graph))
    } else {
      Terminal.output.write(table(found))
    }
    return 0
  }

  private func table(_ found: ModelLocation.Found) -> String {
    let summary = GraphSummary(found.graph)
    var table = TextTable([
      ("operator", .left), ("node", .left), ("output", .left), ("parameters", .right),
    ])
    for row in summary.rows {
      let indent = String(repeating: "  ", count: row.depth)
      table.add([indent + row.op.description, row.name, row.output, String(row.parameterCount)])
    }
    var lines = ["\(found.path)"]
    for id in found.graph.inputs {
      lines.append("input   \(found.graph[id].name): \(found.graph[id].type)")
    }
    for id in found.graph.outputs {
      lines.append("output  \(found.graph[id].name): \(found.graph[id].type)")
    }
    if let manifest = found.folder?.manifest {
      lines.append("task    \(manifest.task)")
      for (name, value) in manifest.metrics.sorted(by: { $0.key < $1.key }) {
        lines.append("metric  \(name): \(value)")
      }
    }
    return lines.joined(separator: "\n") + "\n\n" + table.text
      + "\n\(summary.rows.count) operators, \(summary.parameterCount) parameters, "
      + "\(summary.parameterByteCount) bytes\n"
  }
}
