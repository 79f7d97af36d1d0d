import Autodiff
import GraphIR
import Testing

@Suite struct RuleCoverageTests {
  @Test func everyOperatorHasARuleOrAReason() {
    for definition in OperatorRegistry.all {
      let hasRule = GradientRules.names.contains(definition.name)
      let hasReason = GradientRules.notDifferentiable[definition.name] != nil
      #expect(hasRule != hasReason, "\(definition.name): rule \(hasRule), reason \(hasReason)")
    }
  }
}
