import Engine
import GraphIR
import Tensors

/// A network put into training mode: batch normalisation uses the batch's statistics, dropout drops.
struct TrainingForm {
  let graph: Graph
  /// Statistics that each step stores: variable and new value.
  let updates: [(variable: ValueID, value: ValueID)]

  /// Changes a network.
  ///
  /// A batch normalisation of which no variable is trained stays in inference mode with its running statistics, as in Keras: a frozen
  /// layer does not change, whatever batches it sees.
  ///
  /// - Parameters:
  ///   - network: in inference mode.
  ///   - output: what the loss will read.
  ///   - trained: names of the variables that training changes.
  ///   - dropout: which dropout is active.
  ///   - head: the name of the node that `DropoutChoice.rate` puts dropout before.
  /// - Throws: `GraphError`; `FineTuningError.option` for dropout that the network has no place for.
  init(
    of network: Graph,
    output: String,
    trained: Set<String>,
    dropout: DropoutChoice,
    head: String?
  ) throws {
    guard let output = network.value(named: output) else { throw GraphError.unknownValue(output) }
    var copy = GraphCopy(of: network)
    for input in network.inputs { _ = try copy.value(input) }
    var updates: [(variable: ValueID, value: ValueID)] = []
    var dropoutCount = 0
    for id in copy.nodesNeeded(for: [output]) {
      let node = network[id]
      if node.op == "BatchNormalization", Self.isTrained(node, trained, network) {
        updates += try Self.addBatchNormalization(id, to: &copy)
      } else if node.op == "Dropout" {
        let isActive = try Self.addDropout(id, isActive: dropout == .asInFile, to: &copy)
        dropoutCount += isActive ? 1 : 0
      } else if case .rate(let rate) = dropout, node.name == head {
        try Self.addDropout(rate, before: id, to: &copy)
        dropoutCount += 1
      } else {
        try copy.add(id, attributes: Self.numbered(id, in: network))
      }
    }
    if case .rate = dropout, dropoutCount == 0 {
      throw FineTuningError.option("dropout needs a head to stand before, and none was found")
    }
    copy.graph.outputs = [try copy.value(output)]
    graph = copy.graph
    self.updates = updates
  }

  private static func isTrained(_ node: Node, _ trained: Set<String>, _ graph: Graph) -> Bool {
    guard node.inputs.count == 5, ((try? node.int("training_mode", default: 0)) ?? 0) == 0 else {
      return false
    }
    let isTrained = node.inputs[1...2].contains { input in
      input.map { trained.contains(graph[$0].name) } ?? false
    }
    let hasState = node.inputs[3...4].allSatisfy { input in
      guard let input, case .variable = graph[input].source else { return false }
      return true
    }
    return isTrained && hasState
  }

  private static func addBatchNormalization(
    _ id: NodeID,
    to copy: inout GraphCopy
  ) throws -> [(variable: ValueID, value: ValueID)] {
    let node = copy.source[id]
    var attributes = node.attributes
    attributes["training_mode"] = .int(1)
    let operands = try copy.inputs(of: id)
    guard case .some(let y)? = node.outputs.first else { return [] }
    let outputs = try copy.graph.apply(
      node.op,
      operands,
      attributes,
      name: node.name,
      outputNames: [
        copy.source[y].name, copy.freshName("\(node.name)/mean"),
        copy.freshName("\(node.name)/variance"),
      ]
    )
    if let new = outputs[0] { copy.bind(y, to: new) }
    return [(3, 1), (4, 2)].compactMap { input, output in
      guard let variable = operands[input], let value = outputs[output] else { return nil }
      return (variable, value)
    }
  }

  /// Copies a Dropout of the file; gives whether it drops.
  private static func addDropout(
    _ id: NodeID,
    isActive: Bool,
    to copy: inout GraphCopy
  ) throws -> Bool {
    let node = copy.source[id]
    var operands = Array(try copy.inputs(of: id).prefix(2))
    if operands.count < 2 { operands.append(nil) }
    operands.append(try copy.constant(Tensor(scalar: isActive), near: "\(node.name)/training"))
    let mask = node.outputs.count > 1 ? node.outputs[1] : nil
    guard case .some(let y)? = node.outputs.first else { return false }
    let outputs = try copy.graph.apply(
      node.op,
      operands,
      numbered(id, in: copy.source),
      name: node.name,
      outputNames: [
        copy.source[y].name,
        mask.map { copy.source[$0].name } ?? copy.freshName("\(node.name)/mask"),
      ]
    )
    if let new = outputs[0] { copy.bind(y, to: new) }
    if let mask, let new = outputs[1] { copy.bind(mask, to: new) }
    return isActive
  }

  /// Copies a linear node behind a new Dropout of its first operand.
  private static func addDropout(
    _ rate: Float,
    before id: NodeID,
    to copy: inout GraphCopy
  ) throws {
    let node = copy.source[id]
    var operands = try copy.inputs(of: id)
    let name = copy.freshName("\(node.name)/Dropout")
    let dropped = try copy.graph.apply(
      "Dropout",
      [
        operands[0], try copy.constant(Tensor(scalar: rate), near: "\(name)/ratio"),
        try copy.constant(Tensor(scalar: true), near: "\(name)/training"),
      ],
      // No node of the source has this number.
      [streamAttribute: .int(copy.source.nodes.count)],
      name: name,
      outputNames: [copy.freshName("\(name)/output"), copy.freshName("\(name)/mask")]
    )
    operands[0] = dropped[0]
    try copy.add(id, inputs: operands)
  }

  /// A random node's attributes with its number, so that it draws the same when the graph is cut.
  private static func numbered(_ id: NodeID, in graph: Graph) -> [String: Attribute] {
    var attributes = graph[id].attributes
    if graph[id].isRandom, attributes[streamAttribute] == nil {
      attributes[streamAttribute] = .int(id.index)
    }
    return attributes
  }
}
