import GraphIR
import Tensors

/// Plain gradient descent on a dense layer's weights becomes part of the product that makes the gradient:
/// `W = W - rate * X^T dY` accumulates straight into the variable, and the gradient never exists in memory.
enum UpdateFusion: PlanPass {
  static func run(_ plan: inout PlanGraph, _ resources: SessionResources) throws {
    let uses = plan.useCounts()
    let producers = plan.producers()
    for index in plan.operations.indices {
      let update = plan.operations[index]
      guard update.op == .martlet("SGDUpdate"), update.inputs.count == 3,
        try update.node.float("decay", default: 0) == 0,
        let variable = update.inputs[0], let gradient = update.inputs[1],
        let rate = update.inputs[2], let output = update.outputs[0],
        case .variable = plan.values[variable].origin,
        plan.values[variable].dtype == .float32, plan.values[variable].shape.rank == 2,
        plan.values[gradient].alias == nil, uses[gradient] == 1,
        let producer = producers[gradient]
      else { continue }
      let product = plan.operations[producer]
      guard product.activation == nil, isPlainProduct(product, plan) else { continue }
      plan.operations[producer].outputs = []
      var fused = product
      fused.inputs = [product.inputs[0], product.inputs[1], variable]
      fused.outputs = [output]
      fused.updateRate = rate
      plan.operations[index] = fused
    }
  }

  /// A two-dimensional product without a third operand or a factor.
  private static func isPlainProduct(_ operation: PlanGraph.Operation, _ plan: PlanGraph) -> Bool {
    guard operation.op == "Gemm" || operation.op == "MatMul",
      let left = operation.inputs[0], let right = operation.inputs[1],
      plan.values[left].shape.rank == 2, plan.values[right].shape.rank == 2
    else { return false }
    if operation.op == "MatMul" { return true }
    return (operation.inputs.count < 3 || operation.inputs[2] == nil)
      && (try? operation.node.float("alpha", default: 1)) == 1
  }
}
