import GraphIR
import Tensors

extension ReferenceOperators {
  static let controlFlow: [OperatorName: ReferenceFunction] = [
    "Scan": { try scan($0) },
    "Loop": { try loop($0) },
    "If": { call in
      let form = try IfForm(call.node)
      guard let condition = try call.input(0).truth else {
        throw call.error("the condition has shape \(try call.input(0).shape); it must be a scalar")
      }
      let body = form.branch(condition)
      return try call.run(body, Array(call.inputs.dropFirst()), step: 0)
    },
  ]

  private static func scan(_ call: ReferenceCall) throws -> [Tensor?] {
    let form = try ScanForm(call.node)
    var states = try (0..<form.stateCount).map { try call.input($0) }
    let captures = Array(call.inputs[form.firstCapture...])
    var sources: [(tensor: Tensor, axis: Int)] = []
    for index in 0..<form.scanInputCount {
      let tensor = try call.input(form.stateCount + index)
      let axis = try call.node.normalizedAxis(form.inputAxes[index], rank: tensor.shape.rank)
      sources.append((tensor, axis))
    }
    let length = sources[0].tensor.shape[sources[0].axis]
    for (index, source) in sources.enumerated() where source.tensor.shape[source.axis] != length {
      throw call.error(
        "scan input \(index) has \(source.tensor.shape[source.axis]) slices, input 0 has \(length)"
      )
    }
    var collected = [[Tensor]](repeating: [], count: form.scanOutputCount)
    for step in 0..<length {
      let slices = sources.enumerated().map { index, source in
        source.tensor.slice(
          form.isInputReversed[index] ? length - 1 - step : step,
          axis: source.axis
        )
      }
      let results = try call.run(form.body, states + slices + captures, step: step)
      for index in 0..<form.stateCount {
        guard results[index].shape == states[index].shape else {
          throw call.error(
            "state \(index) changes its shape from \(states[index].shape) to \(results[index].shape)"
          )
        }
        states[index] = results[index]
      }
      for index in 0..<form.scanOutputCount {
        collected[index].append(results[form.stateCount + index])
      }
    }
    var outputs: [Tensor?] = states
    for (index, slices) in collected.enumerated() {
      let empty = form.body[form.body.outputs[form.stateCount + index]].type
      outputs.append(
        try call.stacked(
          form.isOutputReversed[index] ? slices.reversed() : slices,
          axis: form.outputAxes[index],
          empty: empty
        )
      )
    }
    return outputs
  }

  private static func loop(_ call: ReferenceCall) throws -> [Tensor?] {
    let form = try LoopForm(call.node)
    let limit = try call.optionalInput(0).map { try call.tripCount($0) }
    var goesOn = call.optionalInput(1)?.truth ?? true
    var carried = try (0..<form.carriedCount).map { try call.input($0 + 2) }
    let captures = Array(call.inputs[form.firstCapture...])
    var collected = [[Tensor]](repeating: [], count: form.scanOutputCount)
    var step = 0
    while goesOn, step < limit ?? .max {
      try call.node.checkLoop(step)
      let results = try call.run(
        form.body,
        [Tensor(scalar: Int64(step)), Tensor(scalar: goesOn)] + carried + captures,
        step: step
      )
      guard let next = results[0].truth else {
        throw call.error("the body's condition is \(results[0].dtype)\(results[0].shape)")
      }
      goesOn = next
      carried = Array(results[1..<1 + form.carriedCount])
      for index in 0..<form.scanOutputCount {
        collected[index].append(results[1 + form.carriedCount + index])
      }
      step += 1
    }
    var outputs: [Tensor?] = carried
    for (index, slices) in collected.enumerated() {
      let empty = form.body[form.body.outputs[1 + form.carriedCount + index]].type
      outputs.append(try call.stacked(slices, axis: 0, empty: empty))
    }
    return outputs
  }
}

extension ReferenceCall {
  /// Runs one step of a body.
  fileprivate func run(_ body: Graph, _ inputs: [Tensor?], step: Int) throws -> [Tensor] {
    var interpreter = ReferenceInterpreter(
      body,
      precision: precision,
      random: random.nested(node: nodeIndex, step: step)
    )
    var feeds: [ValueID: Tensor] = [:]
    for (id, tensor) in zip(body.inputs, inputs) { feeds[id] = tensor }
    return try interpreter.run(body.outputs, feeds: feeds)
  }

  fileprivate func tripCount(_ tensor: Tensor) throws -> Int {
    guard tensor.shape.elementCount == 1, let count = tensor.integers?.first else {
      throw error("the trip count is \(tensor.dtype)\(tensor.shape); it must be an int64 scalar")
    }
    return max(count, 0)
  }

  /// Slices side by side along a new axis; without any, what is known of their type decides.
  fileprivate func stacked(_ slices: [Tensor], axis: Int, empty: ValueType) throws -> Tensor {
    guard let first = slices.first else {
      let sizes = empty.shape.dimensions?.map { $0.size ?? 0 } ?? []
      let position = try node.normalizedAxis(axis, rank: sizes.count + 1)
      var dimensions = sizes
      dimensions.insert(0, at: position)
      let isWidened = precision == .double && empty.dtype == .float32
      return Tensor(zeros: isWidened ? .float64 : empty.dtype, try Shape(validating: dimensions))
    }
    for slice in slices where slice.shape != first.shape || slice.dtype != first.dtype {
      throw error("slices of a scan output differ: \(first.shape) and \(slice.shape)")
    }
    let position = try node.normalizedAxis(axis, rank: first.shape.rank + 1)
    var dimensions = first.shape.dimensions
    dimensions.insert(slices.count, at: position)
    let shape = try Shape(validating: dimensions)
    let layout = AxisSlices(shape, dtype: first.dtype, axis: position)
    return Tensor(dtype: first.dtype, shape) { target in
      guard let base = target.baseAddress else { return }
      for (index, slice) in slices.enumerated() {
        slice.withBytes { bytes in
          if let source = bytes.baseAddress { layout.write(index, to: base, from: source) }
        }
      }
    }
  }
}

extension Node {
  /// Stops a Loop that does not end.
  func checkLoop(_ step: Int) throws(GraphError) {
    guard step < LoopForm.stepCountMax else {
      throw .operands(
        node: name,
        op: op,
        detail: "the condition still holds after \(step) steps, the most that a Loop may take"
      )
    }
  }
}

extension Tensor {
  /// Slice `index` along an axis, which the result does not have.
  fileprivate func slice(_ index: Int, axis: Int) -> Tensor {
    var dimensions = shape.dimensions
    dimensions.remove(at: axis)
    let layout = AxisSlices(shape, dtype: dtype, axis: axis)
    return Tensor(dtype: dtype, Shape(dimensions)) { target in
      withBytes { source in
        if let from = source.baseAddress, let to = target.baseAddress {
          layout.read(index, from: from, into: to)
        }
      }
    }
  }
}
