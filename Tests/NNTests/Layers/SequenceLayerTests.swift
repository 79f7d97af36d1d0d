import Engine
import GraphIR
import NN
import TestSupport
import Tensors
import Testing

@Suite struct SequenceLayerTests {
  @Test func aMaskIsOneBeforeASequencesEnd() throws {
    var context = LayerContext(mode: .inference)
    let x = try context.graph.placeholder("x", .float32, ["N", "T", 2])
    let lengths = try context.graph.placeholder("lengths", .int32, ["N"])
    let mask = try SequenceMask()(lengths, like: x, in: &context)
    let result = try context.results(
      [mask],
      [x: numbers([3, 4, 2]), lengths: Tensor(vector: [0, 2, 4] as [Int32])]
    )[0]
    #expect(result == Tensor([0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 1] as [Float], [3, 4]))
  }

  @Test(arguments: [
    (TimePooling.last, [Float(0), 0, 3, -4, 5, 6]), (.mean, [0, 0, 2, -1, 3, 2]),
    (.max, [0, 0, 3, 2, 5, 6]),
  ])
  func poolingCountsTheStepsOfEachSequence(_ pooling: TimePooling, _ expected: [Float]) throws {
    var context = LayerContext(mode: .inference)
    let x = try context.graph.placeholder("x", .float32, ["N", "T", 2])
    let lengths = try context.graph.placeholder("lengths", .int32, ["N"])
    let y = try pooling(x, lengths: lengths, in: &context)
    let values = Tensor(
      [9, 9, 9, 9, 9, 9, 1, 2, 3, -4, 9, 9, 1, 2, 3, -2, 5, 6] as [Float],
      [3, 3, 2]
    )
    let result = try context.results(
      [y],
      [x: values, lengths: Tensor(vector: [0, 2, 3] as [Int32])]
    )[0]
    #expect(largestError(result, Tensor(expected, [3, 2])) < 1e-6)
    try checkGradients(
      context.graph,
      of: [y],
      parameters: [x],
      feeds: [
        x: GradientCase.distinctNumbers([3, 3, 2], -1, 1, stream: 1),
        lengths: Tensor(vector: [0, 2, 3] as [Int32]),
      ]
    )
  }

  @Test(arguments: [TimePooling.last, .mean, .max])
  func poolingWithoutLengthsTakesAllSteps(_ pooling: TimePooling) throws {
    try checkLayer(input: [4, 3], output: [3], parameterCount: 0) {
      try pooling($0, in: &$1)
    }
  }

  @Test func aSharedMaskLeavesAFeatureOutOfTheWholeSequence() throws {
    var context = LayerContext(mode: .training, seed: 1)
    let x = try context.graph.placeholder("x", .float32, ["N", "T", 6])
    let shared = try SequenceDropout(0.5, mask: .shared)(x, in: &context)
    let plain = try SequenceDropout(0.5)(x, in: &context)
    let ones = Tensor(repeating: Float(1), [4, 5, 6])
    let results = try Session(context.graph).run([shared, plain], feeds: [x: ones])
    let (y, z) = (results[0].elements(of: Float.self), results[1].elements(of: Float.self))
    #expect(y.allSatisfy { $0 == 0 || $0 == 2 } && z.allSatisfy { $0 == 0 || $0 == 2 })
    func isSame(_ values: [Float]) -> Bool {
      (0..<120).allSatisfy { (index: Int) -> Bool in
        let first = index / 30 * 30 + index % 6
        return values[index] == values[first]
      }
    }
    #expect(isSame(y) && !isSame(z))
    // Sequences have masks of their own.
    #expect(y[0..<6] != y[30..<36] || y[30..<36] != y[60..<66])
    let firstSteps = (0..<4).flatMap { (sequence: Int) -> [Float] in
      Array(y[sequence * 30..<sequence * 30 + 6])
    }
    let zeroCount = firstSteps.filter { $0 == 0 }.count
    #expect((4...20).contains(zeroCount))
    var inference = LayerContext(mode: .inference)
    let input = try inference.graph.placeholder("x", .float32, ["N", "T", 6])
    #expect(try SequenceDropout(0.5, mask: .shared)(input, in: &inference) == input)
  }
}
