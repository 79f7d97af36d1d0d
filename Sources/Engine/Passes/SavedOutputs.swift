import GraphIR
import Tensors

/// Gradients of activations read the activation's output instead of its input.
///
/// `ReluGradient(dy, x)` asks only for the sign of x, which `y = Relu(x)` has too (and LeakyRelu with a positive slope). Then nothing but the
/// activation reads x, and it can be applied inside the GEMM or convolution that makes x.
enum SavedOutputs: PlanPass {
  private static let forward: [OperatorName: OperatorName] = [
    .martlet("ReluGradient"): "Relu", .martlet("LeakyReluGradient"): "LeakyRelu",
  ]

  static func run(_ plan: inout PlanGraph, _ resources: SessionResources) throws {
    var activated: [Int: [(op: OperatorName, output: Int, alpha: Float)]] = [:]
    for operation in plan.operations where forward.values.contains(operation.op) {
      guard let input = operation.inputs[0], let output = operation.outputs[0] else { continue }
      let alpha = try operation.node.float("alpha", default: 0.01)
      activated[input, default: []].append((operation.op, output, alpha))
    }
    for index in plan.operations.indices {
      let operation = plan.operations[index]
      guard let wanted = forward[operation.op], operation.inputs.count > 1,
        let saved = operation.inputs[1]
      else { continue }
      let alpha = try operation.node.float("alpha", default: 0.01)
      let match = activated[saved]?.first {
        $0.op == wanted && (wanted == "Relu" || ($0.alpha == alpha && alpha > 0))
      }
      if let match { plan.operations[index].inputs[1] = match.output }
    }
  }
}
