package import GraphIR

/// Every gradient rule, and for the operators without one the reason why.
package enum GradientRules {
  /// The rule of an operator, where it has one.
  package static func rule(for op: OperatorName) -> GradientRule? { table[op] }

  /// Every operator that has a rule.
  package static var names: Set<OperatorName> { Set(table.keys) }

  /// Every operator that has no rule, with the reason.
  package static let notDifferentiable: [OperatorName: String] =
    piecewiseConstant.merging(withoutRule) { first, _ in first }

  private static let table: [OperatorName: GradientRule] = [
    arithmetic, powers, trigonometry, activations, activationGradients, choices, softmaxes,
    reductions, products, convolutions, pooling, normalisations, losses, movement, indexing,
    recurrent,
    controlFlow,
  ].reduce(into: [:]) { $0.merge($1) { first, _ in first } }
}
