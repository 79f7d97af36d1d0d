import Autodiff
import Engine
import GraphIR
import NN
import TestSupport
import Tensors
import Testing

@Suite struct SequenceLossTests {
  private func tensor(_ name: String) throws -> Tensor {
    try #require(SequenceFixtures.loss[name]).tensor()
  }

  @Test(arguments: [("plain", Float(0)), ("smoothed", 0.1)])
  func tokenCrossEntropyIsPyTorchs(_ name: String, _ smoothing: Float) throws {
    var context = LayerContext(mode: .training)
    let logits = try context.graph.placeholder("logits", .float32, ["N", "T", 5])
    let labels = try context.graph.placeholder("labels", .int64, ["N", "T"])
    let mask = try context.graph.placeholder("mask", .float32, ["N", "T"])
    let loss = try SequenceLoss.softmaxCrossEntropy(
      logits: logits,
      labels: labels,
      mask: mask,
      labelSmoothing: smoothing,
      in: &context
    )
    let gradient = try context.graph.gradients(of: loss, withRespectTo: [logits])[0]
    let feeds = [
      logits: try tensor("logits"), labels: try tensor("labels"), mask: try tensor("mask"),
    ]
    let results = try context.results([loss, gradient], feeds)
    #expect(largestError(results[0], try tensor(name)) <= 1e-6)
    #expect(largestError(results[1], try tensor("\(name)_gradient")) <= 1e-6)
    try checkGradients(context.graph, of: [loss], parameters: [logits], feeds: feeds)
  }

  @Test func withoutAMaskEveryTokenCounts() throws {
    var context = LayerContext(mode: .training)
    let logits = try context.graph.constant(Tensor([0, 0, 0, 1.098_612_3] as [Float], [1, 2, 2]))
    let labels = try context.graph.constant(Tensor([1, 1] as [Int64], [1, 2]))
    let loss = try SequenceLoss.softmaxCrossEntropy(logits: logits, labels: labels, in: &context)
    // log 2 and log 4/3.
    #expect(
      abs(try context.results([loss], [:])[0].elements(of: Float.self)[0] - 0.490_414_6) < 1e-6
    )
  }

  @Test func nothingButPaddingHasLossZero() throws {
    var context = LayerContext(mode: .training)
    let logits = try context.graph.constant(numbers([1, 2, 3]))
    let labels = try context.graph.constant(Tensor([0, 0] as [Int64], [1, 2]))
    let mask = try context.graph.constant(Tensor(zeros: .float32, [1, 2]))
    let loss = try SequenceLoss.softmaxCrossEntropy(
      logits: logits,
      labels: labels,
      mask: mask,
      in: &context
    )
    #expect(try context.results([loss], [:])[0].elements(of: Float.self) == [0])
  }

  @Test func squaredErrorAveragesTheStepsThatCount() throws {
    var context = LayerContext(mode: .training)
    let x = try context.graph.placeholder("x", .float32, ["N", "T", 2])
    let target = try context.graph.constant(Tensor(zeros: .float32, [1, 3, 2]))
    let mask = try context.graph.constant(Tensor([1, 1, 0] as [Float], [1, 3]))
    let masked = try SequenceLoss.squaredError(
      predictions: x,
      targets: target,
      mask: mask,
      in: &context
    )
    let plain = try SequenceLoss.squaredError(predictions: x, targets: target, in: &context)
    let feeds = [x: Tensor([1, 3, 2, 4, 6, 0] as [Float], [1, 3, 2])]
    let results = try context.results([masked, plain], feeds)
    // Steps 5, 10 and 18.
    #expect(results.map { $0.elements(of: Float.self)[0] } == [7.5, 11])
    try checkGradients(context.graph, of: [masked, plain], parameters: [x], feeds: feeds)
  }

  @Test(arguments: [Float(-0.1), 1, .nan])
  func smoothingOutsideOfItsRangeIsRefused(_ smoothing: Float) throws {
    var context = LayerContext(mode: .training)
    let logits = try context.graph.constant(numbers([1, 2, 3]))
    let labels = try context.graph.constant(Tensor([0, 0] as [Int64], [1, 2]))
    #expect(throws: GraphError.self) {
      try SequenceLoss.softmaxCrossEntropy(
        logits: logits,
        labels: labels,
        labelSmoothing: smoothing,
        in: &context
      )
    }
  }
}
