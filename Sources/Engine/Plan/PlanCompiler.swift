import CKernels
import GraphIR
import Tensors

/// Turns a specialised graph into steps with bound memory.
struct PlanCompiler {
  let resources: SessionResources
  /// The session's graph, for the variables' initial values.
  let graph: Graph
  /// Where placeholders lie that have memory already: the caller's, or what a body captures.
  var buffers: [ValueID: UnsafeMutableRawPointer] = [:]
  /// Memory of the caller that fetches are written to, by position.
  var fetchBuffers: [UnsafeMutableRawPointer?] = []

  func compile(_ specialized: PlanGraph) throws -> PreparedRun {
    let plan = try optimized(specialized)
    let compiled = try bind(plan)
    return PreparedRun(
      plan: plan,
      memory: compiled.memory,
      resources: resources,
      steps: compiled.steps,
      stepNames: compiled.stepNames
    )
  }

  /// The plan after all passes, in the order in which it runs.
  ///
  /// `prepare` sees it when the order is fixed, before elementwise operations share memory with their operands.
  func optimized(
    _ specialized: PlanGraph,
    prepare: (inout PlanGraph) -> Void = { _ in }
  ) throws -> PlanGraph {
    var plan = specialized
    plan.removeDeadOperations()
    try PlanPasses.run(&plan, resources)
    shareUpdatedVariables(&plan)
    keepOldValues(&plan)
    separateFetches(&plan)
    Scheduler.schedule(&plan)
    prepare(&plan)
    InPlace.share(&plan)
    return plan
  }

  /// Steps with their memory.
  struct Compiled {
    let memory: PlanMemory
    let steps: [Step]
    /// What each step runs, for profiles.
    let stepNames: [String]
  }

  func bind(_ plan: PlanGraph) throws -> Compiled {
    let memory = PlanMemory(plan)
    try place(plan, memory)
    var steps: [Step] = []
    var kernelNames: [String] = []
    for operation in plan.operations {
      let context = LoweringContext(
        plan: plan,
        operation: operation,
        memory: memory,
        resources: resources
      )
      if let step = try kernelStep(context) {
        steps.append(step)
        kernelNames.append(operation.op.description)
      } else {
        steps.append(try referenceStep(context))
        kernelNames.append("\(operation.op) (reference)")
      }
    }
    return Compiled(memory: memory, steps: steps, stepNames: kernelNames)
  }

  /// A run of elementwise operators is lowered by its chain, whatever its last operator's name.
  private func kernelStep(_ context: LoweringContext) throws -> Step? {
    for slot in context.operation.outputs.indices where context.hasOutput(slot) {
      // Nothing to compute. Updates have their variable's shape, so this loses nothing.
      if context.outputShape(slot).elementCount == 0, context.operation.outputs.count == 1 {
        return {}
      }
    }
    return try Lowerings.lowering(of: context.operation.op)?(context)
  }

  /// The updated value of a variable is the variable's memory.
  private func shareUpdatedVariables(_ plan: inout PlanGraph) {
    for operation in plan.operations where operation.isUpdate {
      for (position, variable) in operation.updatedVariables.enumerated()
      where position < operation.outputs.count {
        if let output = operation.outputs[position] { plan.values[output].alias = variable }
      }
    }
  }

  /// A fetch of a variable that this plan also updates gets the value from before the update.
  private func keepOldValues(_ plan: inout PlanGraph) {
    let updated = Set(
      plan.operations.filter(\.isUpdate).flatMap { $0.updatedVariables.map(plan.root) }
    )
    let updateOutputs = Set(
      plan.operations.filter(\.isUpdate).flatMap { $0.outputs.compactMap { $0 } }
    )
    for (position, fetch) in plan.fetches.enumerated()
    where updated.contains(plan.root(fetch)) && !updateOutputs.contains(fetch) {
      plan.operations.insert(copy(ofFetch: position, &plan), at: 0)
    }
  }

  /// A fetch with memory of the caller owns its bytes: what is a view of something that has other memory becomes a copy.
  private func separateFetches(_ plan: inout PlanGraph) {
    var owners: Set<Int> = []
    for position in plan.fetches.indices where fetchBuffer(position) != nil {
      let root = plan.root(plan.fetches[position])
      if case .computed = plan.values[root].origin, owners.insert(root).inserted { continue }
      plan.operations.append(copy(ofFetch: position, &plan))
    }
  }

  private func fetchBuffer(_ position: Int) -> UnsafeMutableRawPointer? {
    fetchBuffers.indices.contains(position) ? fetchBuffers[position] : nil
  }

  /// The operation that copies a fetch, which is the copy from now on.
  private func copy(ofFetch position: Int, _ plan: inout PlanGraph) -> PlanGraph.Operation {
    let fetch = plan.fetches[position]
    let value = plan.values[fetch]
    plan.values.append(
      .init(name: value.name, dtype: value.dtype, shape: value.shape, origin: .computed)
    )
    plan.fetches[position] = plan.values.count - 1
    return PlanGraph.Operation(
      node: Node(op: "Identity", name: value.name, inputs: [], outputs: [], attributes: [:]),
      nodeIndex: 0,
      inputs: [fetch],
      outputs: [plan.fetches[position]]
    )
  }

  /// Gives every value its address: constants and variables where they are, the rest in the arena.
  private func place(_ plan: PlanGraph, _ memory: PlanMemory) throws {
    let lifetimes = Lifetimes(plan)
    var buffers: [MemoryPlanner.Buffer] = []
    var owners: [Int] = []
    var outside: [Int: UnsafeMutableRawPointer] = [:]
    for position in plan.fetches.indices {
      if let address = fetchBuffer(position) {
        outside[plan.root(plan.fetches[position])] = address
      }
    }
    for (index, value) in plan.values.enumerated() where value.alias == nil {
      if let address = outside[index] {
        memory.place(index, at: address)
        continue
      }
      switch value.origin {
      case .constant(let tensor, _):
        if lifetimes.isUsed(index) { memory.place(index, constant: tensor) }
      case .variable(let id):
        guard case .variable(let initial, _) = graph[id].source else { continue }
        let buffer = resources.variable(id, initial: initial)
        memory.place(index, at: buffer.bytes.baseAddress.unsafelyUnwrapped)
      case .placeholder(let id):
        if let address = self.buffers[id] {
          memory.place(index, at: address)
          continue
        }
        buffers.append(.init(byteCount: value.byteCount, first: -1, last: .max))
        owners.append(index)
      case .computed:
        guard let life = lifetimes[index] else { continue }
        let last = plan.outlastsStep(index, lifetimes) ? .max : life.last
        buffers.append(.init(byteCount: value.byteCount, first: life.first, last: last))
        owners.append(index)
      }
    }
    let (offsets, byteCount) = MemoryPlanner.place(buffers)
    try resources.arena.require(byteCount)
    for (owner, offset) in zip(owners, offsets) {
      memory.place(owner, at: resources.arena.base + offset)
    }
  }

  /// Runs the reference implementation on copies of the operands.
  private func referenceStep(_ context: LoweringContext) throws -> Step {
    let operation = context.operation
    guard let function = ReferenceOperators.function(for: operation.op) else {
      throw GraphError.unknownOperator(operation.op, node: operation.node.name)
    }
    let random = resources.random
    let memory = context.memory
    let inputs = operation.inputs.map { $0.map { (value: $0, info: context.plan.values[$0]) } }
    let outputs = operation.outputs.map { $0.map { (value: $0, info: context.plan.values[$0]) } }
    return {
      let operands = inputs.map { input -> Tensor? in
        guard let input else { return nil }
        let count = input.info.byteCount
        return Tensor(dtype: input.info.dtype, input.info.shape) {
          $0.copyMemory(
            from: UnsafeRawBufferPointer(
              start: UnsafeRawPointer(memory.address(input.value)),
              count: count
            )
          )
        }
      }
      let results = try function(
        ReferenceCall(
          node: operation.node,
          inputs: operands,
          nodeIndex: operation.nodeIndex,
          random: random.pointee
        )
      )
      for (slot, output) in outputs.enumerated() {
        guard let output, slot < results.count, let tensor = results[slot] else { continue }
        guard tensor.shape == output.info.shape, tensor.dtype == output.info.dtype else {
          throw GraphError.operands(
            node: operation.node.name,
            op: operation.op,
            detail:
              "computed \(tensor.dtype)\(tensor.shape), planned \(output.info.dtype)\(output.info.shape)"
          )
        }
        tensor.withBytes {
          if let source = $0.baseAddress {
            memory.address(output.value).copyMemory(from: source, byteCount: $0.count)
          }
        }
      }
    }
  }
}

extension PlanGraph.PlanValue {
  var byteCount: Int { shape.elementCount * dtype.byteCount }
}
