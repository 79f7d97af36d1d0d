import Tensors

extension OperatorRegistry {
  /// Operators that run bodies.
  package static let controlFlow: [OperatorDefinition] = [
    OperatorDefinition(
      "Scan",
      inputs: 1...operandCountMax,
      outputs: 1...operandCountMax,
      summary: "runs its body for each slice of the scan inputs, states handed from step to step"
    ) { context throws(GraphError) in try scan(context) },
    OperatorDefinition(
      "Loop",
      inputs: 2...operandCountMax,
      outputs: 1...operandCountMax,
      shapeOperands: [0],
      summary: "runs its body for a number of steps or while a condition holds"
    ) { context throws(GraphError) in try loop(context) },
    OperatorDefinition(
      "If",
      inputs: 1...operandCountMax,
      outputs: 1...operandCountMax,
      summary: "runs one of its two branches"
    ) { context throws(GraphError) in try choice(context) },
  ]

  /// Operands of one node with bodies.
  private static let operandCountMax = 1 << 16

  private static func scan(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let form = try ScanForm(context.node)
    var types: [ValueType?] = context.inputTypes
    var length = Dimension.unknown
    for index in 0..<form.scanInputCount {
      let slot = form.stateCount + index
      let type = try context.type(slot)
      guard let dimensions = type.shape.dimensions else {
        types[slot] = nil
        continue
      }
      let axis = try context.node.normalizedAxis(form.inputAxes[index], rank: dimensions.count)
      guard length.canEqual(dimensions[axis]) else {
        throw context.error(
          "scan input \(index) is \(type): \(dimensions[axis]) slices along axis \(axis), the ones before have \(length)"
        )
      }
      length = length.merged(with: dimensions[axis])
      types[slot] = ValueType(type.dtype, type.shape.removing(axis: axis))
    }
    let body = try form.body.retyped(
      inputs: types,
      values: context.capturedValues(from: form.firstCapture)
    )
    var result: [ValueType] = []
    for (index, output) in body.outputs.enumerated() {
      let type = body[output].type
      if index < form.stateCount {
        let initial = try context.type(index)
        guard type.dtype == initial.dtype, let shape = initial.shape.refined(by: type.shape) else {
          throw context.error("state \(index) starts as \(initial), the body makes it \(type)")
        }
        result.append(ValueType(type.dtype, shape))
      } else {
        let rank = type.shape.rank.map { $0 + 1 } ?? Shape.rankMax
        let axis = try context.node.normalizedAxis(
          form.outputAxes[index - form.stateCount],
          rank: try context.checkedRank(rank)
        )
        result.append(ValueType(type.dtype, type.shape.inserting(length, axis: axis)))
      }
    }
    return result
  }

  private static func loop(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let form = try LoopForm(context.node)
    if form.hasTripCount {
      _ = try context.type(0, of: [.int64])
      try context.requireScalar(0)
    }
    if form.hasCondition {
      _ = try context.type(1, of: [.bool])
      try context.requireScalar(1)
    }
    var types: [ValueType?] = context.inputTypes
    types[0] = ValueType(.int64, [])
    types[1] = ValueType(.bool, [])
    let captured = context.capturedValues(from: form.firstCapture)
    var body = try form.body.retyped(inputs: types, values: captured)
    // A carried value may change its shape from step to step: then only what all steps share is known.
    var isStable = true
    for index in 0..<form.carriedCount {
      let initial = try context.type(index + 2)
      let new = body[body.outputs[index + 1]].type
      guard new.dtype == initial.dtype else {
        throw context.error("carried value \(index) starts as \(initial), the body makes it \(new)")
      }
      let common = initial.shape.generalized(with: new.shape)
      if common != initial.shape {
        types[index + 2] = ValueType(new.dtype, common)
        isStable = false
      }
    }
    if !isStable { body = try form.body.retyped(inputs: types, values: captured) }
    var length = Dimension.unknown
    if form.hasTripCount, form.continuesAlways, let count = try context.integers(0)?.first,
      !form.hasCondition || context.value(1)?.truth == true
    {
      length = .known(max(count, 0))
    }
    return body.outputs.dropFirst().enumerated().map { index, output in
      let type = body[output].type
      if index < form.carriedCount {
        let before = types[index + 2]?.shape ?? .unranked
        return ValueType(type.dtype, before.generalized(with: type.shape))
      }
      return ValueType(type.dtype, type.shape.inserting(length, axis: 0))
    }
  }

  private static func choice(_ context: ShapeContext) throws(GraphError) -> [ValueType] {
    let form = try IfForm(context.node)
    _ = try context.type(0, of: [.bool])
    try context.requireScalar(0)
    let types = Array(context.inputTypes.dropFirst())
    let values = Array(context.inputValues.dropFirst())
    if let condition = context.value(0)?.truth {
      let branch = try form.branch(condition).retyped(inputs: types, values: values)
      return branch.outputs.map { branch[$0].type }
    }
    let first = try form.thenBranch.retyped(inputs: types, values: values)
    let second = try form.elseBranch.retyped(inputs: types, values: values)
    var result: [ValueType] = []
    for (index, (a, b)) in zip(first.outputs, second.outputs).enumerated() {
      let (left, right) = (first[a].type, second[b].type)
      guard left.dtype == right.dtype else {
        throw context.error("output \(index) is \(left) in one branch and \(right) in the other")
      }
      result.append(ValueType(left.dtype, left.shape.generalized(with: right.shape)))
    }
    return result
  }
}

extension ShapeContext {
  /// The known values of the inputs from `first` on, nothing for those before.
  fileprivate func capturedValues(from first: Int) -> [Tensor?] {
    inputValues.enumerated().map { $0.offset < first ? nil : $0.element }
  }
}
