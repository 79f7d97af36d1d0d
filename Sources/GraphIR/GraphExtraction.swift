package import Tensors

extension Graph {
  /// The part that computes `outputs` from `inputs`, as a graph of its own with one placeholder for each input.
  ///
  /// An input may be any value: what computes it is left behind. `constants` gives further values fixed contents. Names and types are kept.
  ///
  /// - Throws: `GraphError.invalid` where an output needs a placeholder or variable that is not among the inputs.
  package func extracted(
    _ outputs: [ValueID],
    from inputs: [ValueID],
    constants: [ValueID: Tensor] = [:],
    name: String
  ) throws(GraphError) -> Graph {
    var result = Graph(name: name)
    var moved: [ValueID: ValueID] = [:]
    for id in inputs {
      let value = self[id]
      moved[id] = try result.placeholder(value.name, value.type.dtype, value.type.shape)
    }
    for (id, tensor) in constants.sorted(by: { $0.key.index < $1.key.index }) {
      moved[id] = try result.constant(tensor, name: self[id].name)
    }

    func place(_ id: ValueID, _ result: inout Graph) throws(GraphError) -> ValueID {
      if let known = moved[id] { return known }
      guard let tensor = constant(id) else {
        throw .invalid("\(self[id].name) is read in \(name) and not among its inputs")
      }
      let new = try result.constant(tensor, name: self[id].name)
      moved[id] = new
      return new
    }

    for index in nodesNeeded(for: outputs, stopping: Set(moved.keys)).sorted() {
      let node = nodes[index]
      var operands: [ValueID?] = []
      for input in node.inputs {
        if let input { operands.append(try place(input, &result)) } else { operands.append(nil) }
      }
      let names = node.outputs.map { output in
        output.map { moved[$0] == nil ? self[$0].name : "" } ?? ""
      }
      let made = try result.apply(
        node.op,
        operands,
        node.attributes,
        name: node.name,
        outputNames: names
      )
      for case (let old?, let new?) in zip(node.outputs, made) { moved[old] = new }
    }
    for output in outputs { result.outputs.append(try place(output, &result)) }
    return result
  }

  /// Positions of the nodes that values depend on, not looking behind `leaves`.
  package func nodesNeeded(
    for values: [ValueID],
    stopping leaves: Set<ValueID>
  ) -> Set<Int> {
    var needed: Set<Int> = []
    var stack = values
    while let value = stack.popLast() {
      guard !leaves.contains(value), case .output(let node, _) = self[value].source,
        needed.insert(node.index).inserted
      else { continue }
      stack.append(contentsOf: self[node].inputs.compactMap { $0 })
    }
    return needed
  }
}
