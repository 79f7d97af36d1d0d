import CKernels
import GraphIR

/// Elementwise operations write over an operand that nobody reads any more.
enum InPlace {
  static func share(_ plan: inout PlanGraph) {
    var lifetimes = Lifetimes(plan)
    let fetched = Set(plan.fetches.map(plan.root))
    for (index, operation) in plan.operations.enumerated() {
      guard let output = operation.outputs.first ?? nil, operation.outputs.count == 1,
        plan.values[output].alias == nil
      else { continue }
      for slot in candidates(operation) {
        guard let input = operation.inputs[slot] else { continue }
        let root = plan.root(input)
        guard case .computed = plan.values[root].origin, root != output, !fetched.contains(root),
          lifetimes[root]?.last == index, !plan.outlastsStep(root, lifetimes),
          plan.values[root].byteCount == plan.values[output].byteCount,
          plan.values[root].dtype == plan.values[output].dtype
        else { continue }
        plan.values[output].alias = root
        lifetimes = Lifetimes(plan)
        break
      }
    }
  }

  /// Operands that the operation's kernel may overwrite.
  static func candidates(_ operation: PlanGraph.Operation) -> [Int] {
    if let chain = operation.chain {
      return chain.access.indices.filter { chain.access[$0] == CK_CHAIN_FULL }
    }
    return operation.op == "Softmax" || operation.op == "LogSoftmax" ? [0] : []
  }
}
