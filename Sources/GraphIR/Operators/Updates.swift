import Tensors

extension OperatorRegistry {
  /// Operators that change variables in place; each output is the new value of one updated input, in their order.
  ///
  /// `rate` and the optional last input `scale`, which multiplies the gradient (for clipping), are floating-point
  /// scalars. Below g' = scale g + decay w. The formulas are those of `ck_optimizer.h`.
  package static let updates: [OperatorDefinition] = [
    OperatorDefinition(
      .martlet("Assign"),
      inputs: 2...2,
      updatedInputs: [0],
      summary: "(variable, value): the variable takes the value"
    ) { context throws(GraphError) in
      try context.requireSameDType(0..<2)
      try context.requireSameShape(0, 1)
      return [try context.type(0)]
    },
    update(
      "SGDUpdate",
      tensors: 2,
      scalars: 1,
      updated: [0],
      "(w, g, rate, scale?; decay): w - rate g'"
    ),
    update(
      "MomentumUpdate",
      tensors: 3,
      scalars: 1,
      updated: [0, 2],
      "(w, g, v, rate, scale?; momentum, nesterov, decay): v' = momentum v + g', "
        + "w' = w - rate (nesterov ? g' + momentum v' : v')"
    ),
    update(
      "AdamUpdate",
      tensors: 4,
      scalars: 1,
      steps: 1,
      updated: [0, 2, 3],
      "(w, g, m, v, rate, step, scale?; beta1, beta2, epsilon, decay, decoupled): Adam, or with decoupled AdamW"
    ),
  ]

  /// Inputs: `tensors` of one type and shape, `scalars` of floating point, `steps` of int64, an optional scale.
  private static func update(
    _ name: String,
    tensors: Int,
    scalars: Int,
    steps: Int = 0,
    updated: Set<Int>,
    _ summary: String
  ) -> OperatorDefinition {
    let required = tensors + scalars + steps
    return OperatorDefinition(
      .martlet(name),
      inputs: required...(required + 1),
      outputs: updated.count...updated.count,
      updatedInputs: updated,
      summary: summary
    ) { context throws(GraphError) in
      let type = try context.type(0, of: DType.floatingPointTypes)
      try context.requireSameDType(0..<tensors)
      for input in 1..<tensors { try context.requireSameShape(0, input) }
      for input in tensors..<required + 1 {
        let isStep = (required - steps..<required).contains(input)
        guard input < required || context.hasInput(input) else { continue }
        _ = try context.type(input, of: isStep ? [.int64] : DType.floatingPointTypes)
        try context.requireScalar(input)
      }
      return [ValueType](repeating: type, count: updated.count)
    }
  }
}
