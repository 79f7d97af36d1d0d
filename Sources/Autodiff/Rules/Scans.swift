import GraphIR
import Tensors

extension GradientRules {
  /// The gradient of a Scan is a Scan over the same steps from the last to the first.
  ///
  /// With (s', y) = f(s, x, c) a step of it computes from ds' and dy the gradients ds, dx and dc, and hands ds and the sum of dc on. It needs
  /// the states of every step, which the forward Scan gives as further scan outputs, and computes the body's other intermediate values
  /// again, except for those that are dear (products) or would be others (random numbers): these are saved too.
  static func scan(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let form = try ScanForm(c.node)
    let body = try form.body.retyped(inputs: bodyInputTypes(form, c))
    let varying = varyingInputs(form, body, c)
    guard !varying.isEmpty else { return [] }

    var inner = GradientContext(graph: body)
    var seeds: [ValueID: ValueID] = [:]
    func seed(_ output: ValueID, _ name: String) throws(GraphError) -> ValueID {
      let type = inner.graph[output].type
      let gradient = try inner.graph.placeholder(
        inner.graph.freshName(name),
        type.dtype,
        type.shape
      )
      seeds[output] =
        if let other = seeds[output] { try inner.add(other, gradient) } else { gradient }
      return gradient
    }
    // States of the new Scan: the gradients of the states, then the sums over the steps for captured values.
    let states = (0..<form.stateCount).filter(varying.contains)
    var stateGradients: [ValueID] = []
    for state in states {
      stateGradients.append(try seed(body.outputs[state], "gradient_state_\(state)"))
    }
    var sliceGradients: [(output: Int, gradient: ValueID)] = []
    for output in form.stateCount..<body.outputs.count
    where c.hasOutputGradient(output) && body[body.outputs[output]].type.dtype.isFloatingPoint {
      sliceGradients.append(
        (output, try seed(body.outputs[output], "gradient_output_\(output)"))
      )
    }
    let targets = varying.sorted()
    let found = try inner.backpropagate(
      from: seeds,
      to: targets.map { body.inputs[$0] },
      stopping: []
    )
    let gradients = Dictionary(
      uniqueKeysWithValues: zip(targets, found).compactMap { target, gradient in
        gradient.map { (target, $0) }
      }
    )

    var stateResults: [ValueID] = []
    for state in states {
      stateResults.append(try inner.valueOrZeros(gradients[state], like: body.inputs[state]))
    }
    let captures = targets.filter { $0 >= form.firstCapture && gradients[$0] != nil }
    var sums: [ValueID] = []
    for capture in captures {
      guard let gradient = gradients[capture] else { continue }
      let type = body[body.inputs[capture]].type
      let sum = try inner.graph.placeholder(
        inner.graph.freshName("sum_\(capture)"),
        type.dtype,
        type.shape
      )
      sums.append(sum)
      stateResults.append(try inner.add(sum, gradient))
    }
    let slices = targets.filter {
      (form.stateCount..<form.firstCapture).contains($0) && gradients[$0] != nil
    }
    let results = stateResults + slices.compactMap { gradients[$0] }

    let saved = SavedValues(
      of: body,
      stateCount: form.stateCount,
      in: inner.graph,
      for: results
    )
    let savedStacks = try c.save(saved, form, body)
    // A Scan has a scan input, so where nothing else is read the first one stands for the number of steps.
    let read = inner.graph.placeholders(
      readFor: results,
      stopping: Set(saved.values.map(\.value))
    )
    let sliceInputs = (form.stateCount..<form.firstCapture).filter {
      read.contains(body.inputs[$0]) || $0 == form.stateCount
    }
    let captureInputs = (form.firstCapture..<body.inputs.count).filter {
      read.contains(body.inputs[$0])
    }
    let backward = try inner.graph.extracted(
      results,
      from: stateGradients + sums + saved.values.map(\.value)
        + sliceInputs.map { body.inputs[$0] } + sliceGradients.map(\.gradient)
        + captureInputs.map { body.inputs[$0] },
      name: "\(body.name)_gradient"
    )

    var initial: [ValueID] = []
    for state in states { initial.append(try c.outputGradient(state)) }
    for capture in captures { initial.append(try c.filled(0, like: c.input(capture))) }
    var inputs = savedStacks
    for slot in sliceInputs { inputs.append(try c.input(slot)) }
    for (output, _) in sliceGradients { inputs.append(try c.outputGradient(output)) }
    var captured: [ValueID] = []
    for slot in captureInputs { captured.append(try c.input(slot)) }
    let outputs = try c.graph.scan(
      backward,
      states: initial,
      inputs: inputs,
      captures: captured,
      options: ScanOptions(
        inputAxes: savedStacks.map { _ in 0 }
          + sliceInputs.map { form.inputAxes[$0 - form.stateCount] }
          + sliceGradients.map { form.outputAxes[$0.output - form.stateCount] },
        // Everything is read in the opposite order.
        isInputReversed: savedStacks.map { _ in true }
          + sliceInputs.map { !form.isInputReversed[$0 - form.stateCount] }
          + sliceGradients.map { !form.isOutputReversed[$0.output - form.stateCount] },
        outputAxes: slices.map { form.inputAxes[$0 - form.stateCount] },
        isOutputReversed: slices.map { !form.isInputReversed[$0 - form.stateCount] }
      )
    )
    var result = [ValueID?](repeating: nil, count: c.node.inputs.count)
    for (slot, gradient) in zip(states + captures + slices, outputs) { result[slot] = gradient }
    return result
  }

  /// The types of the body's inputs, as far as those of the node tell.
  private static func bodyInputTypes(
    _ form: ScanForm,
    _ c: GradientContext
  ) throws(GraphError) -> [ValueType?] {
    var types: [ValueType?] = []
    for slot in form.body.inputs.indices {
      let type = c.graph[try c.input(slot)].type
      guard (form.stateCount..<form.firstCapture).contains(slot), let rank = type.shape.rank else {
        types.append(type)
        continue
      }
      let axis = try c.node.normalizedAxis(form.inputAxes[slot - form.stateCount], rank: rank)
      types.append(ValueType(type.dtype, type.shape.removing(axis: axis)))
    }
    // Without a rank nothing is known of a slice.
    for slot in form.stateCount..<form.firstCapture where types[slot]?.shape.rank == nil {
      types[slot] = nil
    }
    return types
  }

  /// The inputs of the body that change with the node's wanted inputs: these and the states that depend on them.
  private static func varyingInputs(
    _ form: ScanForm,
    _ body: Graph,
    _ c: GradientContext
  ) -> Set<Int> {
    var varying = Set(body.inputs.indices.filter(c.isWanted))
    let inner = GradientContext(graph: body)
    while true {
      let active = inner.valuesDepending(
        on: Set(varying.map { body.inputs[$0] }),
        through: Set(body.nodes.indices)
      )
      let more = (0..<form.stateCount).filter {
        !varying.contains($0) && active.contains(body.outputs[$0])
      }
      if more.isEmpty { return varying }
      varying.formUnion(more)
    }
  }
}

/// The values of a body that its gradient reads and does not compute again.
struct SavedValues {
  struct Saved {
    /// In the graph that holds body and gradient.
    let value: ValueID
    /// The node of the body that makes it and which of its outputs it is; `nil` for a state.
    let origin: (node: NodeID, output: Int)?
  }

  let values: [Saved]

  /// Operators whose results are saved because computing them again costs more than memory.
  private static let dear: Set<OperatorName> = [
    "MatMul", "Gemm", "Conv", "ConvTranspose", "Einsum", "RNN", "GRU", "LSTM", "Scan", "Loop",
  ]

  /// Finds what `results` need of the body whose nodes are the first of `graph`.
  init(of body: Graph, stateCount: Int, in graph: Graph, for results: [ValueID]) {
    var seen: Set<ValueID> = []
    var found: [Saved] = []
    var stack = results
    while let value = stack.popLast() {
      guard seen.insert(value).inserted else { continue }
      switch graph[value].source {
      case .output(let id, let output):
        let node = graph[id]
        if id.index < body.nodes.count, node.isRandom || Self.dear.contains(node.op) {
          found.append(Saved(value: value, origin: (id, output)))
        } else {
          stack.append(contentsOf: node.inputs.compactMap { $0 })
        }
      case .placeholder:
        if body.inputs.prefix(stateCount).contains(value) {
          found.append(Saved(value: value, origin: nil))
        }
      case .constant, .variable: break
      }
    }
    values = found.sorted { $0.value.index < $1.value.index }
  }
}

extension GradientContext {
  /// Makes the Scan being differentiated give `saved` of every step, stacked along axis 0.
  fileprivate mutating func save(
    _ saved: SavedValues,
    _ form: ScanForm,
    _ body: Graph
  ) throws(GraphError) -> [ValueID] {
    var forward = body
    var axes = form.outputAxes
    var directions = form.isOutputReversed
    var positions: [Int] = []
    for value in saved.values {
      let inBody: ValueID
      if let origin = value.origin {
        inBody = try forward.requestOutput(origin.output, of: origin.node)
      } else {
        inBody = value.value
      }
      let existing = (form.stateCount..<forward.outputs.count).first {
        forward.outputs[$0] == inBody && axes[$0 - form.stateCount] == 0
          && !directions[$0 - form.stateCount]
      }
      positions.append(existing ?? forward.outputs.count)
      guard existing == nil else { continue }
      forward.outputs.append(inBody)
      axes.append(0)
      directions.append(false)
    }
    var attributes = ScanOptions(outputAxes: axes, isOutputReversed: directions).attributes
    attributes["body"] = .graph(forward)
    try setAttributes(attributes)
    var stacks: [ValueID] = []
    for position in positions { stacks.append(try output(position)) }
    return stacks
  }
}

extension Graph {
  /// The placeholders that values depend on, not looking behind `leaves`.
  fileprivate func placeholders(
    readFor values: [ValueID],
    stopping leaves: Set<ValueID>
  ) -> Set<ValueID> {
    let nodes = nodesNeeded(for: values, stopping: leaves)
    let read = valuesRead(by: Set(nodes.map { NodeID($0) })).union(values)
    return Set(inputs.filter(read.contains))
  }
}
