package import GraphIR
package import Tensors

/// Makes a graph out of another one, node by node and with the same names, so that parts can be exchanged or left out on the way.
package struct GraphCopy {
  package let source: Graph
  /// Stands before every name in the new graph; empty for the same names.
  let prefix: String
  /// The new graph so far.
  package var graph: Graph
  private var copies: [ValueID: ValueID] = [:]

  /// Begins a new graph, or goes on with one that other graphs are copied into too.
  package init(of source: Graph, into graph: Graph? = nil, prefix: String = "") {
    self.source = source
    self.prefix = prefix
    self.graph = graph ?? Graph(name: source.name)
  }

  /// The copy of a value; a constant, variable or placeholder is copied when it is first asked for.
  ///
  /// - Throws: `GraphError.invalid` for the output of a node that was not copied.
  package mutating func value(_ id: ValueID) throws(GraphError) -> ValueID {
    if let known = copies[id] { return known }
    let value = source[id]
    let copy: ValueID
    switch value.source {
    case .constant(let tensor): copy = try graph.constant(tensor, name: prefix + value.name)
    case .variable(let initial, let trainable):
      copy = try graph.variable(prefix + value.name, initial, trainable: trainable)
    case .placeholder:
      copy = try graph.placeholder(prefix + value.name, value.type.dtype, value.type.shape)
    case .output: throw .invalid("value \(value.name) is read before it is copied")
    }
    copies[id] = copy
    return copy
  }

  /// Uses `copy`, a value of the new graph, wherever the source reads `id`.
  package mutating func bind(_ id: ValueID, to copy: ValueID) { copies[id] = copy }

  /// Makes a value, computed or not, a placeholder of its own name.
  mutating func feed(_ id: ValueID, shape: PartialShape) throws(GraphError) {
    bind(id, to: try graph.placeholder(prefix + source[id].name, source[id].type.dtype, shape))
  }

  /// The nodes that `values` still need, in order: nothing behind a value that was bound is.
  func nodesNeeded(for values: [ValueID]) -> [NodeID] {
    var needed: Set<Int> = []
    var pending = values
    while let value = pending.popLast() {
      guard copies[value] == nil, case .output(let node, _) = source[value].source,
        needed.insert(node.index).inserted
      else { continue }
      pending.append(contentsOf: source[node].inputs.compactMap { $0 })
    }
    return needed.sorted().map { NodeID($0) }
  }

  /// The copies of a node's operands.
  mutating func inputs(of id: NodeID) throws(GraphError) -> [ValueID?] {
    var result: [ValueID?] = []
    for input in source[id].inputs {
      if let input { result.append(try value(input)) } else { result.append(nil) }
    }
    return result
  }

  /// Copies a node, with other operands (values of the new graph), operator or attributes where given.
  mutating func add(
    _ id: NodeID,
    op: OperatorName? = nil,
    inputs given: [ValueID?]? = nil,
    attributes: [String: Attribute]? = nil
  ) throws(GraphError) {
    let node = source[id]
    let operands: [ValueID?]
    if let given { operands = given } else { operands = try inputs(of: id) }
    let outputs = try graph.apply(
      op ?? node.op,
      operands,
      attributes ?? node.attributes,
      name: prefix + node.name,
      outputNames: node.outputs.map { $0.map { prefix + source[$0].name } ?? "" }
    )
    for case (let old?, let new?) in zip(node.outputs, outputs) { bind(old, to: new) }
  }

  /// Copies everything that `values` need.
  package mutating func addAll(for values: [ValueID]) throws(GraphError) {
    for id in nodesNeeded(for: values) { try add(id) }
  }

  /// A name that neither graph uses.
  func freshName(_ prefix: String) -> String {
    var name = graph.freshName(prefix)
    var counter = 1
    while source.value(named: name) != nil || graph.value(named: name) != nil {
      counter += 1
      name = "\(prefix)_\(counter)"
    }
    return name
  }

  /// Adds a constant of the given name or one like it.
  mutating func constant(_ tensor: Tensor, near name: String) throws(GraphError) -> ValueID {
    try graph.constant(tensor, name: freshName(name))
  }
}

extension Graph {
  /// The graph as it is served: its variables are constants of these values, or of their own.
  ///
  /// - Parameters:
  ///   - weights: by name of variable, behind `prefix`.
  ///   - prefix: what stands before this graph's names among the weights'.
  /// - Returns: a graph without variables.
  /// - Throws: `GraphError.invalid` for a tensor of another type or shape.
  package func frozen(
    weights: [String: Tensor],
    prefix: String = ""
  ) throws(GraphError) -> Graph {
    var trained = self
    for variable in variables {
      guard let tensor = weights[prefix + self[variable].name] else { continue }
      try trained.setInitialValue(of: variable, to: tensor)
    }
    var copy = GraphCopy(of: trained)
    for input in inputs { _ = try copy.value(input) }
    for variable in variables {
      if case .variable(let value, _) = trained[variable].source {
        copy.bind(variable, to: try copy.graph.constant(value, name: self[variable].name))
      }
    }
    try copy.addAll(for: outputs)
    for output in outputs { copy.graph.outputs.append(try copy.value(output)) }
    return copy.graph
  }

  /// The values that change when one of `roots` does, computed by the nodes that `outputs` need.
  func values(
    dependingOn roots: Set<ValueID>,
    for outputs: [ValueID]
  ) -> Set<ValueID> {
    let needed = nodesNeeded(for: outputs)
    var result = roots
    for (index, node) in nodes.enumerated() where needed.contains(NodeID(index)) {
      guard node.inputs.contains(where: { $0.map(result.contains) ?? false }) else { continue }
      result.formUnion(node.outputs.compactMap { $0 })
    }
    return result
  }

  /// The variable or constant behind a value, through operators that only arrange it.
  func parameter(behind value: ValueID) -> ValueID? {
    let movers: Set<OperatorName> = [
      "Reshape", "Transpose", "Identity", "Squeeze", "Unsqueeze", "Flatten",
    ]
    var current = value
    while case .output(let id, _) = self[current].source {
      guard movers.contains(self[id].op), case .some(let next)? = self[id].inputs.first else {
        return nil
      }
      current = next
    }
    if case .placeholder = self[current].source { return nil }
    return current
  }

  /// True for a variable that training may change.
  func isTrainable(_ value: ValueID) -> Bool {
    if case .variable(_, trainable: true) = self[value].source { true } else { false }
  }
}
