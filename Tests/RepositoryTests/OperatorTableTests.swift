import Autodiff
import Engine
import GraphIR
import Testing

/// Every operator appears in every table: shape rule, reference implementation, gradient rule or a reason why not.
@Suite struct OperatorTableTests {
  @Test func everyOperatorHasAReferenceImplementation() {
    for definition in OperatorRegistry.all {
      #expect(ReferenceOperators.function(for: definition.name) != nil, "\(definition.name)")
    }
    #expect(OperatorRegistry.all.count >= 90)
  }

  @Test func everyReferenceAndKernelBelongsToAnOperator() {
    let names = Set(OperatorRegistry.all.map(\.name))
    for name in ReferenceOperators.names.union(Lowerings.names) {
      #expect(names.contains(name), "\(name) has no shape rule")
    }
  }

  @Test func everyOperatorIsListedOnce() {
    let names = OperatorRegistry.all.map(\.name)
    #expect(names.count == Set(names).count)
  }
}
