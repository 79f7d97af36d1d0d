package import GraphIR
package import Tensors

/// A compiled plan with its memory: write the inputs in place, `execute`, read the outputs in place.
///
/// Buffers belong to the session's arena: what another run of the same session has written since is gone.
package final class PreparedRun {
  private let plan: PlanGraph
  private let memory: PlanMemory
  private let resources: SessionResources
  private let steps: [Step]
  /// What each step runs, for profiles: the operator, and whether the reference implementation runs it.
  package let stepNames: [String]
  private let inputs: [ValueID: UnsafeMutableRawBufferPointer]
  private let outputs: [UnsafeRawBufferPointer]
  private let isRandom: Bool

  init(
    plan: PlanGraph,
    memory: PlanMemory,
    resources: SessionResources,
    steps: [Step],
    stepNames: [String]
  ) {
    self.plan = plan
    self.memory = memory
    self.resources = resources
    self.steps = steps
    self.stepNames = stepNames
    var inputs: [ValueID: UnsafeMutableRawBufferPointer] = [:]
    for (index, value) in plan.values.enumerated() {
      if case .placeholder(let id) = value.origin {
        inputs[id] = UnsafeMutableRawBufferPointer(
          start: memory.address(index),
          count: value.byteCount
        )
      }
    }
    self.inputs = inputs
    outputs = plan.fetches.map {
      UnsafeRawBufferPointer(start: memory.address($0), count: plan.values[$0].byteCount)
    }
    isRandom = plan.operations.contains {
      $0.node.isRandom
    }
  }

  /// Where a fed value is written, row-major, before `execute`.
  ///
  /// Empty for a placeholder that the fetches do not need.
  package func input(_ value: ValueID) -> UnsafeMutableRawBufferPointer {
    inputs[value] ?? UnsafeMutableRawBufferPointer(start: nil, count: 0)
  }

  /// Shapes of the fetches, in their order.
  package var outputShapes: [Shape] { plan.fetches.map { plan.values[$0].shape } }

  /// Element types of the fetches, in their order.
  package var outputTypes: [DType] { plan.fetches.map { plan.values[$0].dtype } }

  /// The fetched value of that position, valid after `execute` until the session's next run.
  package func output(_ index: Int) -> UnsafeRawBufferPointer { outputs[index] }

  /// A copy of a fetched value.
  package func outputTensor(_ index: Int) -> Tensor {
    let value = plan.values[plan.fetches[index]]
    return Tensor(dtype: value.dtype, value.shape) { $0.copyMemory(from: outputs[index]) }
  }

  /// Runs the plan.
  ///
  /// - Throws: `GraphError` where data does not fit an operator, such as an index out of range.
  package func execute() throws {
    resources.pacer.begin()
    try resources.pacer.run(steps)
    finish()
  }

  /// Runs the plan and adds each step's time, in nanoseconds, to `times`.
  ///
  /// - Precondition: `times.count == stepNames.count`.
  package func executeProfiled(addingTo times: inout [Int]) throws {
    for (index, step) in steps.enumerated() {
      let start = Pacer.nanoseconds()
      try step()
      times[index] += Pacer.nanoseconds() - start
    }
    finish()
  }

  private func finish() {
    if isRandom { resources.random.pointee.step &+= 1 }
    resources.pool.rest()
  }
}
