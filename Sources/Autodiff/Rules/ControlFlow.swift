import GraphIR
import Tensors

extension GradientRules {
  static let controlFlow: [OperatorName: GradientRule] = [
    "Scan": scan,
    "Loop": loop,
    "If": choice,
  ]

  /// A Loop whose trip count alone decides is a Scan over the step numbers.
  private static func loop(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let form = try LoopForm(c.node)
    var isUnconditional = form.continuesAlways
    if form.hasCondition {
      let condition = try c.input(1)
      isUnconditional = isUnconditional && c.graph.isConstantTrue(condition)
    }
    guard form.hasTripCount, isUnconditional else {
      throw c.unsupported("the number of steps depends on a condition; write it as a Scan")
    }
    guard !c.node.isRandom else {
      throw c.unsupported("the body draws random numbers; write it as a Scan")
    }
    let body = form.body
    let carried = Array(body.inputs[2..<form.firstCapture])
    let scanBody = try body.extracted(
      Array(body.outputs.dropFirst()),
      from: carried + [body.inputs[0]] + body.inputs[form.firstCapture...],
      constants: [body.inputs[1]: Tensor(scalar: true)],
      name: body.name
    )
    return try c.gradientsThroughEquivalents { (c: inout GradientContext) throws(GraphError) in
      let count = try c.apply(
        "Reshape",
        c.input(0),
        c.graph.constant(Tensor([Int64](), [0]))
      )
      let steps = try c.apply(
        "Range",
        c.scalar(0, like: count),
        count,
        c.scalar(1, like: count)
      )
      var states: [ValueID] = []
      for slot in 2..<form.firstCapture { states.append(try c.input(slot)) }
      var captures: [ValueID] = []
      for slot in form.firstCapture..<c.node.inputs.count { captures.append(try c.input(slot)) }
      return try c.graph.scan(scanBody, states: states, inputs: [steps], captures: captures)
    }
  }

  /// An If under the same condition, whose branches hold the gradients of the branches.
  private static func choice(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let form = try IfForm(c.node)
    let outputs = c.node.outputs.indices.filter(c.hasOutputGradient)
    let captures = Array(c.node.inputs.dropFirst().compactMap { $0 })
    let wanted = captures.indices.filter { c.isWanted($0 + 1) }
    let types = captures.map { c.graph[$0].type }
    var arriving: [ValueID] = []
    for output in outputs { arriving.append(try c.outputGradient(output)) }

    func gradient(of branch: Graph) throws(GraphError) -> Graph {
      let body = try branch.retyped(inputs: types)
      var inner = GradientContext(graph: body)
      var seeds: [ValueID: ValueID] = [:]
      var incoming: [ValueID] = []
      for output in outputs {
        let value = body.outputs[output]
        let type = body[value].type
        let gradient = try inner.graph.placeholder(
          inner.graph.freshName("gradient_output_\(output)"),
          type.dtype,
          type.shape
        )
        incoming.append(gradient)
        seeds[value] =
          if let other = seeds[value] { try inner.add(other, gradient) } else { gradient }
      }
      let found = try inner.backpropagate(
        from: seeds,
        to: wanted.map { body.inputs[$0] },
        stopping: []
      )
      var results: [ValueID] = []
      for (capture, gradient) in zip(wanted, found) {
        results.append(try inner.valueOrZeros(gradient, like: body.inputs[capture]))
      }
      let result = try inner.graph.extracted(
        results,
        from: body.inputs + incoming,
        name: "\(branch.name)_gradient"
      )
      guard !result.nodes.contains(where: \.isRandom) else {
        throw c.unsupported("a branch draws random numbers, which its gradient would draw anew")
      }
      return result
    }
    let gradients = try c.graph.choice(
      c.input(0),
      then: gradient(of: form.thenBranch),
      else: gradient(of: form.elseBranch),
      captures: captures + arriving
    )
    var result = [ValueID?](repeating: nil, count: c.node.inputs.count)
    for (capture, gradient) in zip(wanted, gradients) { result[capture + 1] = gradient }
    return result
  }
}
