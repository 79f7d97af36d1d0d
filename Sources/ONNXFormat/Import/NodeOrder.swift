import GraphIR
import Tensors

/// The order in which nodes can be added: each after the nodes whose outputs it reads.
enum NodeOrder {
  /// Positions of the nodes in topological order, the file's own where that is one already.
  ///
  /// `outer` names what a body may read from around it. Throws `GraphError` for a value with two producers, one without any, or a
  /// cycle.
  static func sorted(
    _ graph: ONNXGraph,
    outer: Set<String> = []
  ) throws(GraphError) -> [Int] {
    var given = outer.union(graph.inputs.map(\.name))
    given.formUnion(graph.initializers.map(\.name))
    var producer: [String: Int] = [:]
    for (index, node) in graph.nodes.enumerated() {
      for output in node.outputs where !output.isEmpty {
        guard producer.updateValue(index, forKey: output) == nil, !given.contains(output) else {
          throw .duplicateName(output)
        }
      }
    }

    var waitingFor = [Int](repeating: 0, count: graph.nodes.count)
    var readers = [[Int]](repeating: [], count: graph.nodes.count)
    var isSorted = true
    for (index, node) in graph.nodes.enumerated() {
      for (position, input) in node.reads.enumerated() where !input.isEmpty {
        if given.contains(input) { continue }
        guard let source = producer[input] else {
          throw node.invalid("input \(position) reads '\(input)', which nothing defines")
        }
        waitingFor[index] += 1
        readers[source].append(index)
        isSorted = isSorted && source < index
      }
    }
    if isSorted { return Array(graph.nodes.indices) }

    var ready = graph.nodes.indices.filter { waitingFor[$0] == 0 }
    var next = 0
    while next < ready.count {
      for reader in readers[ready[next]] {
        waitingFor[reader] -= 1
        if waitingFor[reader] == 0 { ready.append(reader) }
      }
      next += 1
    }
    guard ready.count == graph.nodes.count else {
      throw .cycle(graph.nodes.indices.filter { waitingFor[$0] > 0 }.map { graph.nodes[$0].name })
    }
    return ready
  }
}
