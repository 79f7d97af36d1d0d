import CKernels
import GraphIR
import Tensors

/// `Relu(Conv(x))` becomes one operation: the activation is applied while the result is in registers.
enum ActivationFusion: PlanPass {
  private static let hosts: Set<OperatorName> = ["Gemm", "MatMul", "Conv"]

  static func run(_ plan: inout PlanGraph, _ resources: SessionResources) throws {
    let uses = plan.useCounts()
    let producers = plan.producers()
    for index in plan.operations.indices {
      let operation = plan.operations[index]
      guard let activation = try kernelActivation(operation, plan),
        let input = operation.inputs[0], let output = operation.outputs[0],
        let producer = producers[input], uses[input] == 1,
        plan.values[input].dtype == .float32,
        hosts.contains(plan.operations[producer].op),
        plan.operations[producer].activation == nil
      else { continue }
      plan.operations[producer].activation = activation
      plan.operations[producer].outputs[0] = output
      // What remains produces nothing and is dropped as dead.
      plan.operations[index].outputs = []
    }
  }

  /// The activation in the kernels' terms, where they have it.
  private static func kernelActivation(
    _ operation: PlanGraph.Operation,
    _ plan: PlanGraph
  ) throws -> ck_activation? {
    let node = operation.node
    switch operation.op {
    case "Relu": return ck_activation(kind: CK_ACT_RELU, alpha: 0, beta: 0)
    case "LeakyRelu":
      return ck_activation(
        kind: CK_ACT_LEAKY_RELU,
        alpha: try node.float("alpha", default: 0.01),
        beta: 0
      )
    case "Elu":
      return ck_activation(kind: CK_ACT_ELU, alpha: try node.float("alpha", default: 1), beta: 0)
    case "Sigmoid": return ck_activation(kind: CK_ACT_SIGMOID, alpha: 0, beta: 0)
    case "Tanh": return ck_activation(kind: CK_ACT_TANH, alpha: 0, beta: 0)
    case "Clip":
      guard let bounds = ClipBounds.constant(operation, plan) else { return nil }
      return ck_activation(kind: CK_ACT_CLIP, alpha: bounds.low, beta: bounds.high)
    default: return nil
    }
  }
}

/// The bounds of a Clip node, where they are known before the run.
enum ClipBounds {
  static func constant(
    _ operation: PlanGraph.Operation,
    _ plan: PlanGraph
  ) -> (low: Float, high: Float)? {
    func bound(_ slot: Int, _ missing: Float) -> Float? {
      guard slot < operation.inputs.count, let input = operation.inputs[slot] else {
        return missing
      }
      guard let tensor = plan.constant(input), tensor.dtype == .float32,
        tensor.shape.elementCount == 1
      else { return nil }
      return tensor.withElements(of: Float.self) { $0[0] }
    }
    guard let low = bound(1, -.infinity), let high = bound(2, .infinity) else {
      return nil
    }
    return (low, high)
  }
}
