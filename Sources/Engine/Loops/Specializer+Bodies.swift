import GraphIR
import Tensors

extension Specializer {
  /// Adds a node with bodies to a plan and gives the values of its outputs; those that `read` does not hold are left out.
  func emitBodies(
    of node: Node,
    _ position: Int,
    _ inputs: [Int?],
    read: Set<ValueID>,
    into plan: inout PlanGraph
  ) throws -> [Int?] {
    let wanted = node.outputs.map { $0.map(read.contains) ?? false }
    let call = BodyCall(node: node, position: position, inputs: inputs, wanted: wanted)
    switch node.op {
    case "Scan": return try emitScan(call, into: &plan)
    case "Loop": return try emitLoop(call, into: &plan)
    case "If": return try emitChoice(call, into: &plan)
    default: throw GraphError.unknownOperator(node.op, node: node.name)
    }
  }

  /// A node with bodies and where it stands in the plan.
  private struct BodyCall {
    let node: Node
    let position: Int
    let inputs: [Int?]
    let wanted: [Bool]

    func isWanted(_ output: Int) -> Bool { output < wanted.count && wanted[output] }
  }

  /// Adds the operation and its outputs.
  private func append(
    _ call: BodyCall,
    used: Set<Int>,
    types: [Int: (dtype: DType, shape: Shape)],
    _ control: ControlPlan,
    into plan: inout PlanGraph
  ) -> [Int?] {
    var outputs: [Int?] = []
    for (slot, id) in call.node.outputs.enumerated() {
      guard let id, let type = types[slot] else {
        outputs.append(nil)
        continue
      }
      outputs.append(plan.values.count)
      plan.values.append(
        .init(name: graph[id].name, dtype: type.dtype, shape: type.shape, origin: .computed)
      )
    }
    plan.operations.append(
      .init(
        node: call.node,
        nodeIndex: (try? call.node.int(streamAttribute, default: call.position)) ?? call.position,
        // What only the body's constants needed is not kept.
        inputs: call.inputs.enumerated().map { used.contains($0.offset) ? $0.element : nil },
        outputs: outputs,
        control: control
      )
    )
    return outputs
  }

  /// A body with its placeholders' shapes (by position among the node's inputs) and what it captures.
  private func body(
    _ graph: Graph,
    named name: String,
    of call: BodyCall,
    shapes: [Int: Shape],
    constants given: [Int: Tensor] = [:],
    firstCapture: Int,
    firstInput: Int = 0,
    fetches: [ValueID],
    in plan: PlanGraph
  ) throws -> BodyPlan {
    let needed = graph.placeholdersNeeded(for: fetches)
    let resources = try self.resources.body("\(keyPrefix)n\(call.position).\(name)")
    var inner = Specializer(
      graph: graph,
      inputShapes: [:],
      inputValues: [:],
      resources: resources
    )
    var captures: [(placeholder: ValueID, input: Int)] = []
    var innerShapes: [ValueID: Shape] = [:]
    for (position, id) in graph.inputs.enumerated() where needed.contains(id) {
      if let tensor = given[position] {
        inner.constants[id] = (tensor, "given\(position)")
      } else if let shape = shapes[position] {
        innerShapes[id] = shape
      } else if position >= firstCapture, let value = call.inputs[position + firstInput] {
        if case .constant(let tensor, let key) = plan.values[value].origin {
          inner.constants[id] = (tensor, key.map { "outer.\($0)" })
        } else {
          innerShapes[id] = plan.values[value].shape
          captures.append((id, position + firstInput))
        }
      }
    }
    inner = Specializer(
      graph: graph,
      inputShapes: innerShapes,
      inputValues: [:],
      constants: inner.constants,
      resources: resources
    )
    return BodyPlan(
      graph: graph,
      plan: try inner.specialize(fetches),
      resources: resources,
      captures: captures
    )
  }

  /// The body's outputs that are worth computing: `wanted` ones, and the states that those depend on.
  private func liveOutputs(
    _ body: Graph,
    wanted: Set<Int>,
    states: [(output: Int, placeholder: ValueID)]
  ) -> [Int] {
    var live = wanted
    while true {
      let needed = body.placeholdersNeeded(for: live.map { body.outputs[$0] })
      let more = states.filter { needed.contains($0.placeholder) && !live.contains($0.output) }
      if more.isEmpty { return live.sorted() }
      live.formUnion(more.map(\.output))
    }
  }

  private func emitScan(_ call: BodyCall, into plan: inout PlanGraph) throws -> [Int?] {
    let node = call.node
    let form = try ScanForm(node)
    func shape(_ input: Int) throws -> Shape {
      guard let value = call.inputs[input] else {
        throw GraphError.missingInput(node: node.name, op: node.op, input: input)
      }
      return plan.values[value].shape
    }
    let live = liveOutputs(
      form.body,
      wanted: Set(form.body.outputs.indices.filter(call.isWanted)),
      states: (0..<form.stateCount).map { ($0, form.body.inputs[$0]) }
    )
    let fetches = live.map { form.body.outputs[$0] }
    let needed = form.body.placeholdersNeeded(for: fetches)
    var shapes: [Int: Shape] = [:]
    for index in 0..<form.stateCount { shapes[index] = try shape(index) }
    var used: Set<Int> = []
    var slices: [(placeholder: ValueID, slices: LoopPlan.Slices)] = []
    var length: Int?
    for index in 0..<form.scanInputCount {
      let slot = form.stateCount + index
      let whole = try shape(slot)
      let axis = try node.normalizedAxis(form.inputAxes[index], rank: whole.rank)
      guard whole[axis] == length ?? whole[axis] else {
        throw GraphError.operands(
          node: node.name,
          op: node.op,
          detail: "scan input \(index) has \(whole[axis]) slices, input 0 has \(length ?? 0)"
        )
      }
      length = whole[axis]
      var dimensions = whole.dimensions
      dimensions.remove(at: axis)
      shapes[slot] = Shape(dimensions)
      guard needed.contains(form.body.inputs[slot]) else { continue }
      used.insert(slot)
      slices.append(
        (
          form.body.inputs[slot],
          .init(operand: slot, axis: axis, isReversed: form.isInputReversed[index])
        )
      )
    }
    let body = try body(
      form.body,
      named: "body",
      of: call,
      shapes: shapes,
      firstCapture: form.firstCapture,
      fetches: fetches,
      in: plan
    )
    var loop = LoopPlan(body: body, count: .known(length ?? 0))
    loop.inputs = slices
    var types: [Int: (dtype: DType, shape: Shape)] = [:]
    for (fetch, output) in live.enumerated() {
      let value = body.plan.values[body.plan.fetches[fetch]]
      if output < form.stateCount {
        guard value.shape == shapes[output] else {
          throw GraphError.operands(
            node: node.name,
            op: node.op,
            detail:
              "state \(output) starts with shape \(try shape(output)), the body makes it \(value.shape)"
          )
        }
        used.insert(output)
        types[output] = (value.dtype, value.shape)
        loop.states.append(
          .init(
            placeholder: form.body.inputs[output],
            input: output,
            fetch: fetch,
            output: call.isWanted(output) ? output : nil
          )
        )
      } else {
        let index = output - form.stateCount
        let axis = try node.normalizedAxis(form.outputAxes[index], rank: value.shape.rank + 1)
        var dimensions = value.shape.dimensions
        dimensions.insert(length ?? 0, at: axis)
        types[output] = (value.dtype, try Shape(validating: dimensions))
        loop.outputs.append(
          (
            fetch,
            .init(operand: output, axis: axis, isReversed: form.isOutputReversed[index])
          )
        )
      }
    }
    used.formUnion(body.captures.map(\.input))
    return append(call, used: used, types: types, .loop(loop), into: &plan)
  }

  private func emitLoop(_ call: BodyCall, into plan: inout PlanGraph) throws -> [Int?] {
    let node = call.node
    let form = try LoopForm(node)
    // Output i of the node is output i + 1 of the body.
    let live = liveOutputs(
      form.body,
      wanted: Set(node.outputs.indices.filter(call.isWanted).map { $0 + 1 } + [0]),
      states: (0..<form.carriedCount).map { ($0 + 1, form.body.inputs[$0 + 2]) }
    )
    var shapes: [Int: Shape] = [0: []]
    for index in 0..<form.carriedCount {
      if let value = call.inputs[index + 2] { shapes[index + 2] = plan.values[value].shape }
    }
    let body = try body(
      form.body,
      named: "body",
      of: call,
      shapes: shapes,
      // The body only runs while the condition holds.
      constants: [1: Tensor(scalar: true)],
      firstCapture: form.firstCapture,
      fetches: live.map { form.body.outputs[$0] },
      in: plan
    )
    var loop = LoopPlan(body: body, count: .unlimited)
    var used = Set(body.captures.map(\.input))
    if form.hasTripCount {
      loop.count = .input(0)
      if let count = plan.constant(call.inputs[0])?.integers?.first {
        loop.count = .known(max(count, 0))
      } else {
        used.insert(0)
      }
    }
    if body.plan.constant(body.plan.fetches[0])?.truth != true { loop.condition = 0 }
    if form.hasCondition {
      switch plan.constant(call.inputs[1])?.truth {
      case true?: break
      case false?: loop.count = .known(0)
      case nil:
        loop.firstCondition = 1
        used.insert(1)
      }
    }
    if form.body.placeholdersNeeded(for: live.map { form.body.outputs[$0] })
      .contains(form.body.inputs[0])
    {
      loop.stepNumber = form.body.inputs[0]
    }
    var types: [Int: (dtype: DType, shape: Shape)] = [:]
    for (fetch, output) in live.enumerated().dropFirst() {
      let value = body.plan.values[body.plan.fetches[fetch]]
      let slot = output - 1
      if slot < form.carriedCount {
        // A value that grows from step to step needs memory that no plan can know.
        guard value.shape == shapes[slot + 2] else {
          throw EngineError.dynamicShape(node: node.name, op: node.op)
        }
        used.insert(slot + 2)
        types[slot] = (value.dtype, value.shape)
        loop.states.append(
          .init(
            placeholder: form.body.inputs[slot + 2],
            input: slot + 2,
            fetch: fetch,
            output: call.isWanted(slot) ? slot : nil
          )
        )
      } else {
        guard case .known(let count) = loop.count, loop.condition == nil,
          loop.firstCondition == nil
        else { throw EngineError.dynamicShape(node: node.name, op: node.op) }
        types[slot] = (value.dtype, try Shape(validating: [count] + value.shape.dimensions))
        loop.outputs.append((fetch, .init(operand: slot, axis: 0, isReversed: false)))
      }
    }
    return append(call, used: used, types: types, .loop(loop), into: &plan)
  }

  private func emitChoice(_ call: BodyCall, into plan: inout PlanGraph) throws -> [Int?] {
    let form = try IfForm(call.node)
    let wanted = call.node.outputs.indices.filter(call.isWanted)
    let condition = plan.constant(call.inputs[0])?.truth
    if let condition, !form.branch(condition).nodes.contains(where: \.isRandom) {
      // The branch becomes part of this plan.
      let branch = form.branch(condition)
      var bound: [ValueID: Int] = [:]
      for (id, value) in zip(branch.inputs, call.inputs.dropFirst()) { bound[id] = value }
      let inner = Specializer(
        graph: branch,
        inputShapes: [:],
        inputValues: [:],
        bound: bound,
        keyPrefix: "\(keyPrefix)n\(call.position).\(condition)/",
        resources: resources
      )
      let results = try inner.emit(wanted.map { branch.outputs[$0] }, into: &plan)
      var outputs = [Int?](repeating: nil, count: call.node.outputs.count)
      for (slot, result) in zip(wanted, results) { outputs[slot] = result }
      return outputs
    }
    func branch(_ graph: Graph, _ name: String) throws -> BodyPlan {
      var body = try body(
        graph,
        named: name,
        of: call,
        shapes: [:],
        firstCapture: 0,
        firstInput: 1,
        fetches: wanted.map { graph.outputs[$0] },
        in: plan
      )
      body.results = wanted.enumerated().map { (fetch: $0.offset, output: $0.element) }
      return body
    }
    let first = try branch(form.thenBranch, "then")
    let second = try branch(form.elseBranch, "else")
    var types: [Int: (dtype: DType, shape: Shape)] = [:]
    for (fetch, slot) in wanted.enumerated() {
      let a = first.plan.values[first.plan.fetches[fetch]]
      let b = second.plan.values[second.plan.fetches[fetch]]
      guard a.shape == b.shape, a.dtype == b.dtype else {
        throw EngineError.dynamicShape(node: call.node.name, op: call.node.op)
      }
      types[slot] = (a.dtype, a.shape)
    }
    let used = Set([0] + (first.captures + second.captures).map(\.input))
    return append(
      call,
      used: used,
      types: types,
      .choice(then: first, else: second),
      into: &plan
    )
  }
}
