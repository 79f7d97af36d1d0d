import Engine
import GraphIR
import Tensors
import Testing

@Suite struct LossesReferenceTests {
  @Test func dropoutKeepsByThePhiloxWordsOfItsNode() throws {
    let x = Tensor(repeating: Float(3), [1000])
    let ratio = Tensor(scalar: Float(0.25))
    let random = RandomState(seed: 5, step: 9)
    let outputs = try runReference(
      "Dropout",
      [x, ratio, Tensor(scalar: true)],
      outputs: 2,
      random: random
    )
    var words = Philox(seed: 5, stream: random.stream(node: 0))
    let mask = (0..<1000).map { _ in words.nextWord() >= 1 << 30 }
    #expect(outputs[1].elements(of: Bool.self) == mask)
    #expect(outputs[0].elements(of: Float.self) == mask.map { $0 ? 4 : 0 })
    let dx = try runReference(.martlet("DropoutGradient"), [x, outputs[1], ratio])
    #expect(dx[0] == outputs[0])
  }

  @Test func dropoutIsTheIdentityOutsideOfTraining() throws {
    let x = Tensor(vector: [1, 2] as [Float])
    let outputs = try runReference("Dropout", [x], outputs: 2)
    #expect(outputs[0] == x)
    #expect(outputs[1].elements(of: Bool.self) == [true, true])
  }

  @Test(arguments: ["none", "mean", "sum"])
  func lossGradientMatchesCentralDifferences(reduction: String) throws {
    let scores = noise([3, 4, 2], seed: 11)
    let labels = Tensor([0, 3, 1, 2, 2, 0] as [Int64], [3, 2])
    let weights = Tensor(vector: [1, 0.5, 2, 3] as [Double])
    let attributes: [String: Attribute] = [
      "reduction": .string(reduction), "ignore_index": .int(2),
    ]
    let operands: [Tensor?] = [scores, labels, weights]
    let outputs = try runReference("SoftmaxCrossEntropyLoss", operands, attributes, outputs: 2)
    let dy = noise(outputs[0].shape, seed: 12)
    let gradient = try runReference(
      .martlet("SoftmaxCrossEntropyLossGradient"),
      [dy, outputs[1], labels, weights],
      attributes
    )
    let numerical = try numericalGradient(of: 0, operands) {
      innerProduct(
        try runReference("SoftmaxCrossEntropyLoss", $0, attributes, outputs: 2)[0],
        dy
      )
    }
    #expect(distance(gradient[0].elements(), numerical) < 1e-8)
  }

  @Test func largeScoresDoNotOverflow() throws {
    let scores = Tensor([1000, 0] as [Float], [1, 2])
    let labels = Tensor(vector: [1] as [Int64])
    let loss = try runReference("SoftmaxCrossEntropyLoss", [scores, labels], outputs: 2)
    #expect(loss[0] == Tensor(scalar: Float(1000)))
  }

  @Test func labelsOutsideOfTheClassesAreErrors() {
    for label: Int64 in [-1, 2] {
      #expect(throws: GraphError.self) {
        try runReference(
          "SoftmaxCrossEntropyLoss",
          [Tensor([0, 0] as [Float], [1, 2]), Tensor(vector: [label])],
          outputs: 2
        )
      }
    }
  }
}
