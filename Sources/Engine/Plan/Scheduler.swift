import GraphIR

/// Orders operations: the graph's own order, with each update of a variable as early as its readers allow, so that its gradient's
/// memory is free again and still in cache.
enum Scheduler {
  static func schedule(_ plan: inout PlanGraph) {
    let operations = plan.operations
    let count = operations.count
    let producers = plan.producers()
    var waiting = [Int](repeating: 0, count: count)
    var followers = [[Int]](repeating: [], count: count)

    func order(_ first: Int, before second: Int) {
      guard first != second else { return }
      followers[first].append(second)
      waiting[second] += 1
    }
    var readers: [Int: [Int]] = [:]
    for (index, operation) in operations.enumerated() {
      for case let input? in operation.inputs {
        if let producer = producers[input] { order(producer, before: index) }
        // A view is read through its root's memory.
        let root = plan.root(input)
        if root != input, let producer = producers[root] { order(producer, before: index) }
        readers[root, default: []].append(index)
      }
      if let rate = operation.updateRate, let producer = producers[rate] {
        order(producer, before: index)
      }
    }
    for (index, operation) in operations.enumerated() where operation.isUpdate {
      for input in operation.updatedVariables {
        for reader in readers[plan.root(input)] ?? [] {
          // Whoever reads the updated value comes after; whoever reads the old one comes before.
          let readsNew = operations[reader].inputs.contains { value in
            value.map { producers[$0] == index } ?? false
          }
          if !readsNew && reader != index { order(reader, before: index) }
        }
      }
    }

    var ready = Heap()
    for index in 0..<count where waiting[index] == 0 {
      ready.insert(priority(operations[index], index), index)
    }
    var result: [PlanGraph.Operation] = []
    result.reserveCapacity(count)
    while let index = ready.popFirst() {
      result.append(operations[index])
      for follower in followers[index] {
        waiting[follower] -= 1
        if waiting[follower] == 0 {
          ready.insert(priority(operations[follower], follower), follower)
        }
      }
    }
    // Two updates that wait for each other (a swap of variables) would be left over; keep the graph's order for them.
    if result.count < count { return }
    plan.operations = result
  }

  private static func priority(_ operation: PlanGraph.Operation, _ index: Int) -> Int {
    operation.isUpdate ? index - (1 << 40) : index
  }

  /// The ready operations, smallest priority first.
  private struct Heap {
    private var items: [(key: Int, value: Int)] = []

    mutating func insert(_ key: Int, _ value: Int) {
      let position = items.firstIndex { $0.key < key } ?? items.endIndex
      items.insert((key, value), at: position)
    }

    mutating func popFirst() -> Int? { items.popLast()?.value }
  }
}

extension PlanGraph.Operation {
  /// The values of variables that this operation changes in place.
  var updatedVariables: [Int] {
    if updateRate != nil { return inputs.count > 2 ? [inputs[2]].compactMap { $0 } : [] }
    let definition = OperatorRegistry.definition(of: node.op)
    return (definition?.updatedInputs.sorted() ?? []).compactMap {
      $0 < inputs.count ? inputs[$0] : nil
    }
  }
}
