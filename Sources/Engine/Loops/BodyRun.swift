import GraphIR
import Tensors

/// A body compiled to steps with bound memory: what runs once, and what runs in every step.
struct BodyRun {
  private let prologue: [Step]
  private let steps: [Step]
  private let fetches: [UnsafeMutableRawPointer]
  private let placeholders: [ValueID: UnsafeMutableRawPointer]
  /// Kept for what the steps point to.
  private let memory: PlanMemory
  private let resources: SessionResources
  private let outerRandom: UnsafeMutablePointer<RandomState>
  private let nodeIndex: Int
  private let isRandom: Bool

  /// Compiles a body whose captured values lie in the memory of the plan around it.
  ///
  /// `addresses` places other placeholders in that memory too; the others get memory of the body's own. New values of `states` are computed
  /// over the old ones where nobody reads those any more.
  init(
    _ body: BodyPlan,
    in context: LoweringContext,
    addresses given: [ValueID: UnsafeMutableRawPointer] = [:],
    states: [LoopPlan.State] = []
  ) throws {
    resources = body.resources
    outerRandom = context.resources.random
    nodeIndex = context.operation.nodeIndex
    var addresses = given
    for capture in body.captures {
      addresses[capture.placeholder] = context.raw(capture.input)
    }
    let compiler = PlanCompiler(
      resources: body.resources,
      graph: body.graph,
      buffers: addresses
    )
    let captured = Set(body.captures.map(\.placeholder))
    let plan = try compiler.optimized(body.plan) { plan in
      LoopInvariants.moveToFront(&plan, captured)
      StatePlacement.separate(&plan, states)
      StatePlacement.share(&plan, states)
    }
    let compiled = try compiler.bind(plan)
    memory = compiled.memory
    prologue = Array(compiled.steps[..<plan.prologueCount])
    steps = Array(compiled.steps[plan.prologueCount...])
    fetches = plan.fetches.map { compiled.memory.address($0) }
    var placeholders: [ValueID: UnsafeMutableRawPointer] = [:]
    for (index, value) in plan.values.enumerated() {
      if case .placeholder(let id) = value.origin {
        placeholders[id] = compiled.memory.address(index)
      }
    }
    self.placeholders = placeholders
    isRandom = plan.operations.contains { $0.node.isRandom }
  }

  /// Where the result of a fetch is after a step.
  func fetch(_ index: Int) -> UnsafeMutableRawPointer { fetches[index] }

  /// Where a placeholder is read, `nil` where the body does not need it.
  func placeholder(_ id: ValueID) -> UnsafeMutableRawPointer? { placeholders[id] }

  /// Computes what all steps share.
  func begin() throws { try resources.pacer.run(prologue) }

  func run(step: Int) throws {
    if isRandom {
      resources.random.pointee = outerRandom.pointee.nested(node: nodeIndex, step: step)
    }
    try resources.pacer.run(steps)
  }
}

/// What a body computes from captured values alone is computed once for all steps.
enum LoopInvariants {
  static func moveToFront(_ plan: inout PlanGraph, _ captured: Set<ValueID>) {
    var varying = Set<Int>()
    for (index, value) in plan.values.enumerated() {
      if case .placeholder(let id) = value.origin, !captured.contains(id) { varying.insert(index) }
    }
    var first: [PlanGraph.Operation] = []
    var rest: [PlanGraph.Operation] = []
    for operation in plan.operations {
      let varies =
        operation.node.isRandom || operation.isUpdate
        || operation.inputs.contains { $0.map { varying.contains(plan.root($0)) } ?? false }
      if varies {
        rest.append(operation)
        for case let output? in operation.outputs { varying.insert(plan.root(output)) }
      } else {
        first.append(operation)
      }
    }
    plan.operations = first + rest
    plan.prologueCount = first.count
  }
}

/// Lets the new value of a state be computed where the old one is, so that nothing has to be copied between steps.
enum StatePlacement {
  /// Gives a state that becomes another one's old value memory of its own: that value may be overwritten before it is handed on.
  static func separate(_ plan: inout PlanGraph, _ states: [LoopPlan.State]) {
    let placeholders = placeholders(of: plan, states)
    for state in states {
      let fetch = plan.fetches[state.fetch]
      guard let owner = placeholders.first(where: { $0.value == plan.root(fetch) })?.key,
        owner != state.placeholder
      else { continue }
      let value = plan.values[fetch]
      plan.values.append(
        .init(name: value.name, dtype: value.dtype, shape: value.shape, origin: .computed)
      )
      let copy = plan.values.count - 1
      plan.operations.insert(
        .init(
          node: Node(op: "Identity", name: value.name, inputs: [], outputs: [], attributes: [:]),
          nodeIndex: 0,
          inputs: [fetch],
          outputs: [copy]
        ),
        at: plan.prologueCount
      )
      plan.fetches[state.fetch] = copy
    }
  }

  static func share(_ plan: inout PlanGraph, _ states: [LoopPlan.State]) {
    let placeholders = placeholders(of: plan, states)
    let fetched = Set(plan.fetches.map(plan.root))
    for state in states {
      guard let placeholder = placeholders[state.placeholder] else { continue }
      let new = plan.root(plan.fetches[state.fetch])
      let lifetimes = Lifetimes(plan)
      guard case .computed = plan.values[new].origin, !fetched.contains(placeholder),
        let birth = lifetimes[new]?.first, birth >= plan.prologueCount,
        plan.values[new].byteCount == plan.values[placeholder].byteCount
      else { continue }
      // Aliased as another state's new value before.
      guard plan.values[new].alias == nil else { continue }
      let lastRead = lifetimes[placeholder]?.last ?? -1
      let maker = plan.operations[birth]
      let overwrites =
        maker.outputs.count == 1
        && InPlace.candidates(maker).contains { slot in
          maker.inputs[slot].map { plan.root($0) == placeholder } ?? false
        }
      if lastRead < birth || (lastRead == birth && overwrites) {
        plan.values[new].alias = placeholder
      }
    }
  }

  private static func placeholders(
    of plan: PlanGraph,
    _ states: [LoopPlan.State]
  ) -> [ValueID: Int] {
    let wanted = Set(states.map(\.placeholder))
    var result: [ValueID: Int] = [:]
    for (index, value) in plan.values.enumerated() {
      if case .placeholder(let id) = value.origin, wanted.contains(id) { result[id] = index }
    }
    return result
  }
}
