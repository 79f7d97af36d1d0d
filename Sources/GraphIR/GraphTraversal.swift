extension Graph {
  /// The nodes that `fetches` depend on.
  package func nodesNeeded(for fetches: [ValueID]) -> Set<NodeID> {
    var needed: Set<NodeID> = []
    var pending = fetches
    while let value = pending.popLast() {
      guard case .output(let node, _) = self[value].source, needed.insert(node).inserted else {
        continue
      }
      pending.append(contentsOf: self[node].inputs.compactMap { $0 })
    }
    return needed
  }

  /// The nodes that read a value, in topological order.
  package func consumers(of value: ValueID) -> [NodeID] {
    nodes.indices.lazy.filter { nodes[$0].inputs.contains(value) }.map { NodeID($0) }
  }
}

extension Graph {
  /// The values that nodes read.
  package func valuesRead(by nodes: Set<NodeID>) -> Set<ValueID> {
    var read: Set<ValueID> = []
    for id in nodes { read.formUnion(self[id].inputs.compactMap { $0 }) }
    return read
  }

  /// The placeholders that values depend on.
  package func placeholdersNeeded(for values: [ValueID]) -> Set<ValueID> {
    let read = valuesRead(by: nodesNeeded(for: values)).union(values)
    return Set(inputs.filter(read.contains))
  }
}
