import GraphIR

extension GradientRules {
  /// Operators that hand on one of their operands.
  static let choices: [OperatorName: GradientRule] = [
    "Where": choice,
    "Clip": clip,
    "Max": extremeOfMany,
    "Min": extremeOfMany,
  ]

  private static func choice(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let (condition, dy) = (try c.input(0), try c.outputGradient())
    let zero = try c.scalar(0, like: dy)
    var result: [ValueID?] = [nil, nil, nil]
    if c.isWanted(1) {
      result[1] = try c.sum(c.apply("Where", condition, dy, zero), toShapeOf: c.input(1))
    }
    if c.isWanted(2) {
      result[2] = try c.sum(c.apply("Where", condition, zero, dy), toShapeOf: c.input(2))
    }
    return result
  }

  /// The gradient goes to x within the bounds (both included), else to the bound that was hit.
  private static func clip(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let (x, dy) = (try c.input(0), try c.outputGradient())
    var result: [ValueID?] = [dy, nil, nil]
    for (position, comparison) in [(1, "Less"), (2, "Greater")] {
      guard let bound = c.optionalInput(position) else { continue }
      let isOutside = try c.apply(OperatorName(comparison), x, bound)
      if c.isWanted(position) {
        result[position] = try c.sum(c.keep(dy, where: isOutside), toShapeOf: bound)
      }
      if let inside = result[0] {
        result[0] = try c.apply("Where", isOutside, c.scalar(0, like: dy), inside)
      }
    }
    return result
  }

  /// Operands that share the extreme value share the gradient equally.
  private static func extremeOfMany(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    let (y, dy) = (try c.output(0), try c.outputGradient())
    if c.node.inputs.count == 1 { return [dy] }
    var hits: [ValueID?] = []
    for index in c.node.inputs.indices {
      hits.append(try c.indicator(c.apply("Equal", c.input(index), y), like: y))
    }
    let part = try c.divide(dy, c.graph.apply1("Sum", hits))
    var result: [ValueID?] = []
    for (index, hit) in hits.enumerated() {
      guard c.isWanted(index), let hit else {
        result.append(nil)
        continue
      }
      result.append(try c.sum(c.multiply(part, hit), toShapeOf: c.input(index)))
    }
    return result
  }
}
