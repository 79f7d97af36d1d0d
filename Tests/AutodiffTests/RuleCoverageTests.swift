import Autodiff
import GraphIR
import TestSupport
import Testing

@Suite struct RuleCoverageTests {
  @Test func everyOperatorHasARuleOrAReason() {
    for definition in OperatorRegistry.all {
      let hasRule = GradientRules.names.contains(definition.name)
      let hasReason = GradientRules.notDifferentiable[definition.name] != nil
      #expect(hasRule != hasReason, "\(definition.name): rule \(hasRule), reason \(hasReason)")
    }
  }

  /// Rules that other tests of this folder check by hand.
  private static let checkedElsewhere: Set<OperatorName> = [
    "Cast", "Dropout", "If", "Loop", "Scan", .martlet("DropoutGradient"),
  ]

  @Test func everyRuleIsComparedWithDifferences() {
    let tables: [[GradientCase]] = [
      ElementwiseGradientTests.arithmetic, ElementwiseGradientTests.unary,
      ElementwiseGradientTests.activations, ElementwiseGradientTests.choices,
      ReductionGradientTests.reductions, ReductionGradientTests.axisOperators,
      ProductGradientTests.matMul, ProductGradientTests.gemm, ProductGradientTests.einsum,
      ConvolutionGradientTests.convolutions, ConvolutionGradientTests.transposed,
      ConvolutionGradientTests.gradients, ConvolutionGradientTests.pooling,
      NormalisationGradientTests.batch, NormalisationGradientTests.others,
      NormalisationGradientTests.losses, MovementGradientTests.shapes,
      MovementGradientTests.slices, MovementGradientTests.pads, MovementGradientTests.indices,
      RecurrentGradientTests.operands, SecondDerivativeTests.fusedGradients,
    ]
    let missing = GradientRules.names.subtracting(tables.joined().map(\.op))
      .subtracting(Self.checkedElsewhere)
    let registered = missing.filter { OperatorRegistry.definition(of: $0) != nil }
    #expect(registered.isEmpty, "\(registered.map(\.description).sorted())")
  }
}
