import GraphIR
import Tensors

/// Work on the gradient of a max pool is done on the pooled side, where there is a fraction of the elements.
///
/// A window's gradient goes to its maximum alone, and what the activation's gradient asks there, the sign of that maximum, the pooled
/// value shows too: `ReluGradient(MaxPoolGradient(y, dy), y) = MaxPoolGradient(y, ReluGradient(dy, MaxPool(y)))`. And every dy goes
/// somewhere, so the sum over batch and space, a bias gradient, is the sum of dy.
enum PoolingGradientMotion: PlanPass {
  private static let activations: Set<OperatorName> = [
    .martlet("ReluGradient"), .martlet("LeakyReluGradient"),
  ]

  static func run(_ plan: inout PlanGraph, _ resources: SessionResources) throws {
    try moveActivations(&plan)
    moveSums(&plan)
  }

  private static func moveActivations(_ plan: inout PlanGraph) throws {
    let uses = plan.useCounts()
    let producers = plan.producers()
    for index in plan.operations.indices where activations.contains(plan.operations[index].op) {
      let activation = plan.operations[index]
      guard activation.inputs.count == 2, let gradient = activation.inputs[0],
        let saved = activation.inputs[1], let output = activation.outputs.first ?? nil,
        try activation.node.float("alpha", default: 0.01) > 0, uses[gradient] == 1,
        plan.values[gradient].alias == nil, let producer = producers[gradient],
        plan.operations[producer].op == .martlet("MaxPoolGradient"),
        let input = plan.operations[producer].inputs[0],
        let dy = plan.operations[producer].inputs[1],
        plan.root(input) == plan.root(saved),
        let pooled = pooledValue(of: input, like: plan.operations[producer].node, plan),
        plan.values[pooled].shape == plan.values[dy].shape
      else { continue }
      let value = plan.values[dy]
      plan.values.append(
        .init(
          name: value.name + "/masked",
          dtype: value.dtype,
          shape: value.shape,
          origin: .computed
        )
      )
      let masked = plan.values.count - 1
      // The two operations change places: first the activation's gradient, then the pool's.
      var first = activation
      first.inputs = [dy, pooled]
      first.outputs = [masked]
      var second = plan.operations[producer]
      second.inputs[1] = masked
      second.outputs = [output]
      plan.operations[producer] = first
      plan.operations[index] = second
    }
  }

  private static func moveSums(_ plan: inout PlanGraph) {
    let producers = plan.producers()
    for index in plan.operations.indices where plan.operations[index].op == "ReduceSum" {
      let sum = plan.operations[index]
      guard let input = sum.inputs[0], plan.values[input].alias == nil,
        let producer = producers[input],
        plan.operations[producer].op == .martlet("MaxPoolGradient"),
        let dy = plan.operations[producer].inputs[1], sum.inputs.count > 1,
        let axes = plan.constant(sum.inputs[1]), axes.dtype == .int64
      else { continue }
      let rank = plan.values[input].shape.rank
      let reduced = Set(
        axes.elements(of: Int64.self).map { Int($0 < 0 ? $0 + Int64(rank) : $0) }
      )
      // All spatial axes at least: within them the windows move gradients around.
      guard (2..<rank).allSatisfy(reduced.contains), !reduced.contains(1) else { continue }
      plan.operations[index].inputs[0] = dy
    }
  }

  /// The forward pass's result for the same windows.
  private static func pooledValue(of input: Int, like node: Node, _ plan: PlanGraph) -> Int? {
    for operation in plan.operations where operation.op == "MaxPool" {
      guard let source = operation.inputs[0], plan.root(source) == plan.root(input),
        let output = operation.outputs.first ?? nil,
        windowAttributes.allSatisfy({ text(operation.node, $0) == text(node, $0) })
      else { continue }
      return output
    }
    return nil
  }

  private static let windowAttributes = [
    "kernel_shape", "strides", "pads", "dilations", "auto_pad", "ceil_mode", "storage_order",
  ]

  private static func text(_ node: Node, _ attribute: String) -> String {
    node.attributes[attribute].map { "\($0)" } ?? ""
  }
}
