import Engine
import GraphIR
import Tensors
import Testing

@Suite struct NormalizationReferenceTests {
  @Test func trainingUpdatesTheRunningStatisticsWithTheBiasedVariance() throws {
    let x = Tensor([1, 2, 3, 6] as [Double], [2, 1, 2])
    let one = Tensor(vector: [1] as [Double])
    let zero = Tensor(vector: [0] as [Double])
    let outputs = try runReference(
      "BatchNormalization",
      [x, one, zero, zero, one],
      ["training_mode": .int(1), "momentum": .float(0.75), "epsilon": .float(0)],
      outputs: 3
    )
    // Mean 3, variance ((-2)^2 + 1 + 0 + 9) / 4 = 3.5.
    #expect(outputs[1].elements(of: Double.self) == [0.75])
    #expect(outputs[2].elements(of: Double.self) == [0.75 + 0.25 * 3.5])
    let deviation = 3.5.squareRoot()
    let expected = [-2, -1, 0, 3].map { $0 / deviation }
    #expect(distance(outputs[0].elements(), expected) < 1e-12)
  }

  @Test func batchGradientGoesThroughTheStatistics() throws {
    let x = noise([3, 2, 4], seed: 7)
    let scale = noise([2], seed: 8)
    let bias = noise([2], seed: 9)
    let dy = noise([3, 2, 4], seed: 10)
    let statistics = try runReference(.martlet("BatchStatistics"), [x], outputs: 2)
    let gradients = try runReference(
      .martlet("BatchNormalizationGradient"),
      [x, dy, scale] + statistics,
      outputs: 3
    )
    let operands: [Tensor?] = [x, scale, bias] + statistics
    for input in 0..<3 {
      let numerical = try numericalGradient(of: input, operands) {
        innerProduct(
          try runReference("BatchNormalization", $0, ["training_mode": .int(1)], outputs: 3)[0],
          dy
        )
      }
      #expect(distance(gradients[input].elements(), numerical) < 1e-7, "input \(input)")
    }
  }

  @Test func layerNormalizationReportsMeanAndInverseDeviation() throws {
    let x = Tensor([1, 3, 2, 6] as [Double], [2, 2])
    let outputs = try runReference(
      "LayerNormalization",
      [x, Tensor(vector: [2, 10] as [Double])],
      ["epsilon": .float(0)],
      outputs: 3
    )
    #expect(outputs[0].elements(of: Double.self) == [-2, 10, -2, 10])
    #expect(outputs[1] == Tensor([2, 4] as [Double], [2, 1]))
    #expect(outputs[2] == Tensor([1, 0.5] as [Double], [2, 1]))
  }

  @Test func lineOfZerosStaysZero() throws {
    let x = Tensor([0, 0, 3, 4] as [Float], [2, 2])
    #expect(
      try runReference("LpNormalization", [x])[0] == Tensor([0, 0, 0.6, 0.8] as [Float], [2, 2])
    )
  }
}
