package import GraphIR
package import Tensors

/// Runs a graph node by node with the reference implementations, in Float or in Double: the oracle for the engine and for gradients.
package struct ReferenceInterpreter {
  /// The arithmetic: as the graph says, or with every float32 value carried as float64.
  package enum Precision: Sendable { case asDeclared, double }

  package let graph: Graph
  package let precision: Precision
  package var random: RandomState
  /// The variables' values; updates change them after a run.
  package private(set) var variables: [ValueID: Tensor]

  package init(
    _ graph: Graph,
    precision: Precision = .asDeclared,
    random: RandomState = RandomState()
  ) {
    self.graph = graph
    self.precision = precision
    self.random = random
    variables = [:]
    for id in graph.variables {
      if case .variable(let initial, _) = graph[id].source {
        variables[id] = initial
      }
    }
    if precision == .double { variables = variables.mapValues(Self.widened) }
  }

  /// Gives a variable another value.
  package mutating func assign(_ variable: ValueID, _ tensor: Tensor) {
    variables[variable] = precision == .double ? Self.widened(tensor) : tensor
  }

  /// Evaluates `fetches`; nodes that they do not need are not run.
  ///
  /// - Throws: `GraphError` for a missing feed or an operator without a reference implementation.
  package mutating func run(_ fetches: [ValueID], feeds: [ValueID: Tensor]) throws -> [Tensor] {
    var known: [ValueID: Tensor] = variables
    for (id, tensor) in feeds {
      known[id] = precision == .double ? Self.widened(tensor) : tensor
    }
    let needed = graph.nodesNeeded(for: fetches)
    var updates: [ValueID: Tensor] = [:]
    for (index, node) in graph.nodes.enumerated() where needed.contains(NodeID(index)) {
      guard let function = ReferenceOperators.function(for: node.op),
        let definition = OperatorRegistry.definition(of: node.op)
      else { throw GraphError.unknownOperator(node.op, node: node.name) }
      let inputs = try node.inputs.map { id in try id.map { try lookup($0, in: known) } }
      let outputs = try function(
        ReferenceCall(
          node: precision == .double ? Self.widened(node) : node,
          inputs: inputs,
          nodeIndex: index,
          random: random,
          precision: precision
        )
      )
      for (position, id) in node.outputs.enumerated() {
        guard let id else { continue }
        guard position < outputs.count, let tensor = outputs[position] else {
          throw GraphError.unsupported(
            node: node.name,
            op: node.op,
            detail: "output \(position) is not computed"
          )
        }
        known[id] = precision == .double ? Self.widened(tensor) : tensor
      }
      // An update writes its results, in order, to the variables it changes; readers of this run see the old values.
      for (position, input) in definition.updatedInputs.sorted().enumerated() {
        if let id = node.inputs[input], position < outputs.count, let tensor = outputs[position] {
          updates[id] = precision == .double ? Self.widened(tensor) : tensor
        }
      }
    }
    variables.merge(updates) { _, new in new }
    return try fetches.map { try lookup($0, in: known) }
  }

  private func lookup(_ id: ValueID, in known: [ValueID: Tensor]) throws -> Tensor {
    if let tensor = known[id] { return tensor }
    if let tensor = graph.constant(id) {
      return precision == .double ? Self.widened(tensor) : tensor
    }
    throw GraphError.invalid("placeholder \(graph[id].name) was not fed")
  }

  private static func widened(_ tensor: Tensor) -> Tensor {
    guard tensor.dtype == .float32 else { return tensor }
    return Tensor(tensor.elements(of: Float.self).map(Double.init), tensor.shape)
  }

  /// The node with float64 where an attribute names float32, so that a Cast to it does not round; BitCast means the bits.
  private static func widened(_ node: Node) -> Node {
    guard node.op != "BitCast" else { return node }
    var result = node
    for name in ["to", "dtype", "output_datatype"] {
      if case .int(DType.float32.onnxCode)? = node.attributes[name] {
        result.attributes[name] = .int(DType.float64.onnxCode)
      }
    }
    return result
  }
}
