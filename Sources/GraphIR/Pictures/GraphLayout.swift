/// What a picture of a graph shows: inputs, operators and outputs as boxes, values as lines.
///
/// Weights are named inside the boxes of the operators that read them.
package struct GraphLayout: Sendable {
  package enum Kind: Sendable { case input, operation, output }

  package struct Box: Sendable {
    package let kind: Kind
    package let title: String
    /// The weights' shapes, or the type of an input or output.
    package let detail: String
    /// Steps from the inputs; a picture puts each on a line of its own.
    package let layer: Int
    /// The bodies of Scan, Loop and If with what to call them.
    package var bodies: [(title: String, graph: Graph)] = []
  }

  package struct Line: Sendable {
    package let from: Int
    package let to: Int
    package let label: String
  }

  package private(set) var boxes: [Box] = []
  package private(set) var lines: [Line] = []

  package init(_ graph: Graph) {
    var producer: [ValueID: Int] = [:]
    for id in graph.inputs {
      producer[id] = boxes.count
      boxes.append(
        Box(
          kind: .input,
          title: graph[id].name,
          detail: graph[id].type.description,
          layer: 0
        )
      )
    }
    for node in graph.nodes {
      let sources = node.inputs.compactMap { $0.flatMap { id in producer[id].map { (id, $0) } } }
      let layer = (sources.map { boxes[$0.1].layer }.max() ?? -1) + 1
      let weights = node.inputs.compactMap { $0 }.filter { producer[$0] == nil }
        .map { graph[$0].type.shape.description }
      let index = boxes.count
      var box = Box(
        kind: .operation,
        title: node.op.description,
        detail: weights.joined(separator: " "),
        layer: layer
      )
      box.bodies = node.bodies.map { ("\($0.name) of \(node.op) \(node.name)", $0.graph) }
      boxes.append(box)
      for (id, source) in sources {
        lines.append(Line(from: source, to: index, label: graph[id].type.shape.description))
      }
      for case let output? in node.outputs { producer[output] = index }
    }
    for id in graph.outputs {
      guard let source = producer[id] else { continue }
      let index = boxes.count
      boxes.append(
        Box(
          kind: .output,
          title: graph[id].name,
          detail: graph[id].type.description,
          layer: boxes[source].layer + 1
        )
      )
      lines.append(Line(from: source, to: index, label: graph[id].type.shape.description))
    }
  }
}
