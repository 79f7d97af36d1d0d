import GraphIR
import Tensors

/// Operators that only rename or reshape become views of their operand's memory.
enum ViewElimination: PlanPass {
  private static let reshaping: Set<OperatorName> = [
    "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze",
  ]

  static func run(_ plan: inout PlanGraph, _ resources: SessionResources) throws {
    let uses = plan.useCounts()
    for operation in plan.operations {
      guard let input = operation.inputs.first ?? nil, let output = operation.outputs.first ?? nil,
        isView(operation, plan, uses),
        plan.values[input].dtype == plan.values[output].dtype,
        plan.values[input].shape.elementCount == plan.values[output].shape.elementCount
      else { continue }
      plan.values[output].alias = input
    }
    let views = plan.values
    plan.operations.removeAll { operation in
      guard let output = operation.outputs.first ?? nil, views[output].alias != nil else {
        return false
      }
      return true
    }
  }

  private static func isView(
    _ operation: PlanGraph.Operation,
    _ plan: PlanGraph,
    _ uses: [Int]
  ) -> Bool {
    if reshaping.contains(operation.op) { return true }
    switch operation.op {
    case "Transpose", "Expand", "Tile":
      // Moving or repeating dimensions of size 1 moves nothing.
      guard let input = operation.inputs.first ?? nil,
        let output = operation.outputs.first ?? nil
      else { return false }
      let source = plan.values[input].shape
      let target = plan.values[output].shape
      guard source.elementCount == target.elementCount else { return false }
      return operation.op != "Transpose" || movesNothing(operation.node, source)
    case "Cast":
      return true  // the caller compares the types
    case "Dropout":
      let maskIsUsed =
        operation.outputs.count > 1 && operation.outputs[1].map { uses[$0] > 0 } ?? false
      return !maskIsUsed && !DropoutMode.isTraining(operation, plan)
    case "Concat", "Sum", "Max", "Min", "Mean":
      return operation.inputs.count == 1
    default:
      return operation.op == .martlet("SumToShape")
        && operation.inputs.first.map { input in
          guard let input, let output = operation.outputs.first ?? nil else { return false }
          return plan.values[input].shape.elementCount == plan.values[output].shape.elementCount
        } ?? false
    }
  }

  private static func movesNothing(_ node: Node, _ shape: Shape) -> Bool {
    let permutation =
      (try? node.ints("perm")) ?? Array((0..<shape.rank).reversed())
    let moved = permutation.filter { shape.dimensions.indices.contains($0) && shape[$0] != 1 }
    return moved == moved.sorted()
  }
}

/// Whether a Dropout node drops anything.
enum DropoutMode {
  static func isTraining(_ operation: PlanGraph.Operation, _ plan: PlanGraph) -> Bool {
    guard operation.inputs.count > 2, let mode = operation.inputs[2] else { return false }
    guard let value = plan.constant(mode), value.dtype == .bool, value.shape.elementCount == 1
    else {
      return true
    }
    return value.withElements(of: Bool.self) { $0[0] }
  }
}
