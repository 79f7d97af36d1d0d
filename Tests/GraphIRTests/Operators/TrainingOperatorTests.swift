import GraphIR
import Tensors
import Testing

@Suite struct TrainingOperatorTests {
  @Test func sumToShapeGivesTheRequestedShape() throws {
    let op = OperatorName.martlet("SumToShape")
    #expect(try inferred(op, [float("N", 3), int64(1)], values: [1: vector(3)]) == [float(3)])
    #expect(try inferred(op, [float("N", 3), int64(1)]) == [float(.unknown)])
    #expect(inferenceFailure(op, [float(2, 3), int64(1)], values: [1: vector(2)]) != nil)
    #expect(inferenceFailure(op, [float(3), int64(2)], values: [1: vector(1, 3)]) != nil)
  }

  @Test func gradientsKeepTheShapeOfTheirOperands() throws {
    let op = OperatorName.martlet("ReluGradient")
    #expect(try inferred(op, [float("N", 3), float("N", 3)]) == [float("N", 3)])
    #expect(
      inferenceFailure(op, [float(2), float(3)])?.contains("same shape") == true
    )
    #expect(
      inferenceFailure(.martlet("SoftmaxGradient"), [float(2), float(2)], ["axis": .int(1)]) != nil
    )
  }

  @Test func updatesReturnTheirVariables() throws {
    let w = float(4, 3)
    let rate = float()
    #expect(try inferred(.martlet("SGDUpdate"), [w, w, rate]) == [w])
    #expect(try inferred(.martlet("MomentumUpdate"), [w, w, w, rate, rate]) == [w, w])
    #expect(
      try inferred(.martlet("AdamUpdate"), [w, w, w, w, rate, int64(), rate]) == [w, w, w]
    )
    #expect(try inferred(.martlet("Assign"), [w, w]) == [w])
  }

  @Test func updatesCheckStatesAndScalars() {
    let w = float(4, 3)
    #expect(inferenceFailure(.martlet("SGDUpdate"), [w, float(3, 4), float()]) != nil)
    #expect(inferenceFailure(.martlet("SGDUpdate"), [w, w, float(2)]) != nil)
    #expect(inferenceFailure(.martlet("AdamUpdate"), [w, w, w, w, float(), float()]) != nil)
    #expect(inferenceFailure(.martlet("SGDUpdate"), [w, w]) != nil)
  }

  @Test func registryHasUniqueNamesAndSummaries() {
    #expect(Set(OperatorRegistry.all.map(\.name)).count == OperatorRegistry.all.count)
    #expect(OperatorRegistry.all.allSatisfy { !$0.summary.isEmpty })
  }
}
