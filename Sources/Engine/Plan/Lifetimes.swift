/// From which to which operation each value's memory is in use, views counted with what they view.
struct Lifetimes {
  private var ranges: [Int: (first: Int, last: Int)] = [:]

  init(_ plan: PlanGraph) {
    for (index, operation) in plan.operations.enumerated() {
      for case let output? in operation.outputs { extend(plan.root(output), index) }
      for case let input? in operation.inputs { extend(plan.root(input), index) }
      if let rate = operation.updateRate { extend(plan.root(rate), index) }
    }
    for fetch in plan.fetches { extend(plan.root(fetch), plan.operations.count) }
  }

  private mutating func extend(_ value: Int, _ index: Int) {
    let old = ranges[value]
    ranges[value] = (min(old?.first ?? index, index), max(old?.last ?? index, index))
  }

  func isUsed(_ value: Int) -> Bool { ranges[value] != nil }

  subscript(value: Int) -> (first: Int, last: Int)? { ranges[value] }
}

extension PlanGraph {
  /// True for what a body's prologue makes: every step reads it.
  func outlastsStep(_ root: Int, _ lifetimes: Lifetimes) -> Bool {
    guard let first = lifetimes[root]?.first else { return false }
    return first < prologueCount
  }
}
