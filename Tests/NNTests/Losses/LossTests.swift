import Engine
import GraphIR
import NN
import Tensors
import Testing

/// Expected numbers are from PyTorch 2: `torch.nn.functional` on the same inputs (cross_entropy, binary_cross_entropy_with_logits,
/// mse_loss, l1_loss, huber_loss).
@Suite struct LossTests {
  private static let logits = Tensor([Float(1), 2, 3, 1, 0, -1], [2, 3])

  private static func value(
    _ tensors: [Tensor],
    _ build: ([ValueID], inout LayerContext) throws -> ValueID
  ) throws -> Float {
    var context = LayerContext(mode: .training)
    let inputs = try tensors.map { try context.graph.constant($0) }
    let loss = try build(inputs, &context)
    #expect(context.graph[loss].type.shape.rank == 0)
    var interpreter = ReferenceInterpreter(context.graph)
    return try #require(try interpreter.run([loss], feeds: [:])[0].elements(of: Float.self).first)
  }

  @Test func softmaxCrossEntropyOfLabels() throws {
    let labels = Tensor(vector: [Int64(2), 1])
    let loss = try Self.value([Self.logits, labels]) {
      try Loss.softmaxCrossEntropy(logits: $0[0], labels: $0[1], in: &$1)
    }
    // log(1 + e^-1 + e^-2) = 0.407606, and that plus 1 for the second row.
    #expect(abs(loss - 0.907_606) < 1e-6)
  }

  @Test func softmaxCrossEntropyOfOneHotRowsIsThatOfLabels() throws {
    let targets = Tensor([Float(0), 0, 1, 0, 1, 0], [2, 3])
    let loss = try Self.value([Self.logits, targets]) {
      try Loss.softCrossEntropy(logits: $0[0], targets: $0[1], in: &$1)
    }
    #expect(abs(loss - 0.907_606) < 1e-6)
  }

  @Test func sigmoidCrossEntropyDoesNotOverflow() throws {
    let logits = Tensor(vector: [Float(1000), -1000, 0, 2])
    let targets = Tensor(vector: [Float(1), 0, 1, 0])
    let loss = try Self.value([logits, targets]) {
      try Loss.sigmoidCrossEntropy(logits: $0[0], targets: $0[1], in: &$1)
    }
    // (0 + 0 + log 2 + log(1 + e^2)) / 4
    #expect(abs(loss - (0.693_147 + 2.126_928) / 4) < 1e-6)
  }

  @Test func regressionLosses() throws {
    let predictions = Tensor(vector: [Float(0), 1, 2])
    let targets = Tensor(vector: [Float(0.5), 1, 5])
    let squared = try Self.value([predictions, targets]) {
      try Loss.meanSquaredError(predictions: $0[0], targets: $0[1], in: &$1)
    }
    #expect(abs(squared - (0.25 + 9) / 3) < 1e-6)
    let absolute = try Self.value([predictions, targets]) {
      try Loss.meanAbsoluteError(predictions: $0[0], targets: $0[1], in: &$1)
    }
    #expect(abs(absolute - 3.5 / 3) < 1e-6)
    let huber = try Self.value([predictions, targets]) {
      try Loss.huber(predictions: $0[0], targets: $0[1], delta: 2, in: &$1)
    }
    // 0.5^2 / 2, and 2 (3 - 1) beyond delta.
    #expect(abs(huber - (0.125 + 4) / 3) < 1e-6)
  }

  @Test func l2PenaltyCountsWeightsOnly() throws {
    var context = LayerContext(mode: .training)
    let x = try context.graph.placeholder("x", .float32, ["N", 2])
    _ = try Dense(
      "dense",
      3,
      weightInitializer: .constant(2),
      biasInitializer: .constant(100)
    )(
      x,
      in: &context
    )
    let penalty = try Loss.l2Penalty(strength: 0.5, in: &context)
    var interpreter = ReferenceInterpreter(context.graph)
    #expect(try interpreter.run([penalty], feeds: [:])[0].elements(of: Float.self) == [6])
  }
}
