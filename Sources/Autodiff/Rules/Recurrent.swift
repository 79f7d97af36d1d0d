import GraphIR

extension GradientRules {
  /// RNN, GRU and LSTM: one fused operator gives the gradients of all operands.
  static let recurrent: [OperatorName: GradientRule] = [
    "RNN": fused, "GRU": fused, "LSTM": fused,
  ]

  private static func fused(_ c: inout GradientContext) throws(GraphError) -> [ValueID?] {
    guard let cell = RecurrentCell(c.node.op) else { return [] }
    if let reserve = cell.reserveOutput, c.hasOutputGradient(reserve) {
      throw c.unsupported("through reserve, which only this rule reads")
    }
    let positions = cell.gradientOperands
    var inputs = [ValueID?](repeating: nil, count: (positions.dYc ?? positions.dYh) + 1)
    for operand in 0..<cell.inputCount { inputs[operand] = c.optionalInput(operand) }
    inputs[positions.y] = try c.output(0)
    if let position = positions.reserve, let reserve = cell.reserveOutput {
      inputs[position] = try c.output(reserve)
    }
    let results = [positions.dY, positions.dYh] + (positions.dYc.map { [$0] } ?? [])
    for (output, position) in results.enumerated() where c.hasOutputGradient(output) {
      inputs[position] = try c.outputGradient(output)
    }
    let wanted = cell.differentiatedOperands
    let stem = c.graph.freshName(cell.gradientOp.name)
    var names = wanted.enumerated().map { index, operand in
      c.isWanted(operand) ? c.graph.freshName("\(stem):\(index)") : ""
    }
    while names.last == "" { names.removeLast() }
    let outputs = try c.graph.apply(
      cell.gradientOp,
      inputs,
      c.node.attributes,
      name: stem,
      outputNames: names
    )
    var result = [ValueID?](repeating: nil, count: cell.inputCount)
    for (operand, gradient) in zip(wanted, outputs) { result[operand] = gradient }
    return result
  }
}
