import GraphIR
import Tensors

/// A vector added to every row of a product, or to every plane of a convolution, becomes the kernel's bias.
enum BiasFusion: PlanPass {
  static func run(_ plan: inout PlanGraph, _ resources: SessionResources) throws {
    let uses = plan.useCounts()
    let producers = plan.producers()
    for index in plan.operations.indices where plan.operations[index].op == "Add" {
      let operation = plan.operations[index]
      guard operation.inputs.count == 2, let output = operation.outputs.first ?? nil,
        plan.values[output].dtype == .float32
      else { continue }
      for (product, bias) in [(0, 1), (1, 0)] {
        guard let value = operation.inputs[product], let vector = operation.inputs[bias],
          uses[value] == 1, plan.values[value].shape == plan.values[output].shape,
          isKnownBefore(vector, plan), let producer = producers[value],
          accepts(plan.operations[producer], bias: vector, plan)
        else { continue }
        while plan.operations[producer].inputs.count < 3 {
          plan.operations[producer].inputs.append(nil)
        }
        plan.operations[producer].inputs[2] = vector
        plan.operations[producer].outputs[0] = output
        plan.operations[index].outputs = []
        plan.operations[index].inputs = []
        break
      }
    }
  }

  /// The bias must exist when the product runs: constants, variables and fed values do.
  private static func isKnownBefore(_ value: Int, _ plan: PlanGraph) -> Bool {
    if case .computed = plan.values[plan.root(value)].origin { false } else { true }
  }

  private static func accepts(
    _ operation: PlanGraph.Operation,
    bias: Int,
    _ plan: PlanGraph
  ) -> Bool {
    guard operation.activation == nil, operation.inputs.count > 1,
      operation.inputs.count < 3 || operation.inputs[2] == nil,
      let right = operation.inputs[1], let output = operation.outputs.first ?? nil,
      plan.values[bias].dtype == .float32
    else { return false }
    let shape = plan.values[bias].shape
    let result = plan.values[output].shape
    switch operation.op {
    case "MatMul":
      return plan.values[right].shape.rank == 2 && result.rank >= 2
        && shape.elementCount == result[result.rank - 1]
        && shape.rank >= 1 && shape[shape.rank - 1] == result[result.rank - 1]
    case "Conv":
      // [C,1,1] or [1,C,1,1]: one number a channel.
      let channels = result[1]
      let spatial = result.rank - 2
      return shape.elementCount == channels && shape.rank > spatial
        && shape[shape.rank - 1 - spatial] == channels
    default: return false
    }
  }
}
