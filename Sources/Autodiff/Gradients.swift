package import GraphIR
import Tensors

extension Graph {
  /// Adds the nodes that compute the gradient of `value` with respect to each of `variables`, and returns those gradients.
  ///
  /// Reverse-mode differentiation from graph to graph: the nodes between `variables` and `value` are walked backwards, each adds what
  /// its rule says, and contributions to the same value are summed. Gradients are ordinary values, so they can be differentiated
  /// again. Where no path leads from a variable to `value` its gradient is zeros of its shape.
  ///
  /// - Parameters:
  ///   - value: what is differentiated; without a `seed` the sum of its elements is.
  ///   - variables: floating-point values of any kind (variables, placeholders, outputs of nodes).
  ///   - seed: the gradient of the final quantity with respect to `value`, of its shape; ones when `nil`. With the gradient of a loss as
  ///     `value` and a direction as `seed` the result is a Hessian-vector product.
  /// - Returns: one gradient for each of `variables`, of the same type and shape.
  /// - Throws: `GraphError.unsupported` naming the node whose operator has no gradient on a path that needs one.
  package mutating func gradients(
    of value: ValueID,
    withRespectTo variables: [ValueID],
    seed: ValueID? = nil
  ) throws(GraphError) -> [ValueID] {
    for id in [value] + variables where !self[id].type.dtype.isFloatingPoint {
      throw .invalid(
        "\(self[id].name) is \(self[id].type.dtype); gradients need a floating-point type"
      )
    }
    var context = GradientContext(graph: self)
    let start: ValueID
    if let seed {
      start = seed
    } else {
      start = try context.filled(1, like: value)
    }
    let found = try context.backpropagate(
      from: [value: start],
      to: variables,
      stopping: []
    )
    var result: [ValueID] = []
    for (variable, gradient) in zip(variables, found) {
      if let gradient {
        result.append(gradient)
      } else {
        result.append(try context.filled(0, like: variable))
      }
    }
    self = context.graph
    return result
  }
}

extension GradientContext {
  /// Walks backwards from `seeds` and returns the gradients of `targets`, `nil` where no path leads to one.
  ///
  /// `leaves` are taken as independent: nothing is followed through the nodes that make them.
  mutating func backpropagate(
    from seeds: [ValueID: ValueID],
    to targets: [ValueID],
    stopping leaves: Set<ValueID>
  ) throws(GraphError) -> [ValueID?] {
    let sources = Array(seeds.keys)
    let needed = graph.nodesNeeded(for: sources, stopping: leaves)
    let active = valuesDepending(on: Set(targets), through: needed)
    var pending: [ValueID: [ValueID]] = seeds.mapValues { [$0] }
    for index in needed.sorted(by: >) {
      let visited = graph[NodeID(index)]
      let wanted = visited.inputs.map { $0.map(active.contains) ?? false }
      guard wanted.contains(true) else { continue }
      var arriving: [ValueID?] = []
      for output in visited.outputs {
        if let output {
          arriving.append(try total(of: output, in: &pending))
        } else {
          arriving.append(nil)
        }
      }
      guard arriving.contains(where: { $0 != nil }) else { continue }
      let contributions = try gradients(
        through: NodeID(index),
        outputGradients: arriving,
        wanted: wanted
      )
      for (position, contribution) in contributions.enumerated() {
        guard let contribution, position < wanted.count, wanted[position],
          let input = visited.inputs[position]
        else { continue }
        pending[input, default: []].append(contribution)
      }
    }
    var result: [ValueID?] = []
    for target in targets { result.append(try total(of: target, in: &pending)) }
    return result
  }

  /// The sum of a value's contributions, left behind as its only one.
  private mutating func total(
    of value: ValueID,
    in pending: inout [ValueID: [ValueID]]
  ) throws(GraphError) -> ValueID? {
    guard let parts = pending[value], let first = parts.first else { return nil }
    let sum =
      switch parts.count {
      case 1: first
      case 2: try add(first, parts[1])
      default: try graph.apply1("Sum", parts)
      }
    pending[value] = [sum]
    return sum
  }

  /// The floating-point values among the outputs of `nodes` that change when one of `targets` does, and the targets.
  func valuesDepending(
    on targets: Set<ValueID>,
    through nodes: Set<Int>
  ) -> Set<ValueID> {
    var active = targets
    for index in nodes.sorted() {
      let node = graph[NodeID(index)]
      guard GradientRules.piecewiseConstant[node.op] == nil,
        node.inputs.contains(where: { $0.map(active.contains) ?? false })
      else { continue }
      for case .some(let output) in node.outputs where graph[output].type.dtype.isFloatingPoint {
        active.insert(output)
      }
    }
    return active
  }

  /// Applies the rule of one node.
  private mutating func gradients(
    through id: NodeID,
    outputGradients: [ValueID?],
    wanted: [Bool]
  ) throws(GraphError) -> [ValueID?] {
    let op = graph[id].op
    guard let rule = GradientRules.rule(for: op) else {
      let reason = GradientRules.notDifferentiable[op] ?? "the operator has no gradient rule"
      throw .unsupported(node: graph[id].name, op: op, detail: "gradient: \(reason)")
    }
    let outer = frame
    frame = Frame(
      nodeID: id,
      node: graph[id],
      outputGradients: outputGradients,
      wanted: wanted
    )
    let result = try rule(&self)
    frame = outer
    return result
  }
}
