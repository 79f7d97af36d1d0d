import Datasets
import Engine
import GraphIR
import NN
import Tensors
import Testing
import Training

/// Trainings on batches of several shapes.
@Suite struct SequenceTrainingTests {
  /// Sentences of 1 to 12 words.
  private static let sentences = (0..<40).map { row in
    (0..<1 + row * 5 % 12).map { Int32(4 + (row + $0 * $0) % 9) }
  }

  /// Predicts each word from itself; the loss and the right answers are by word, padding does not count.
  private static func network(_ mode: BuildMode) throws -> (
    LayerContext, [ValueID], ValueID, ValueID
  ) {
    var context = LayerContext(mode: mode, seed: 2)
    let tokens = try context.graph.placeholder("tokens", .int64, ["N", "T"])
    let weights = try context.graph.placeholder("weights", .float32, ["N", "T"])
    let embedding = try context.variable("embedding", [13, 6], .glorotUniform)
    let hidden = try context.apply("Gather", embedding, tokens, attributes: ["axis": .int(0)])
    let logits = try Dense("out", 13)(hidden, in: &context)
    let correct = try Metrics.correctCount(
      logits: logits,
      labels: tokens,
      weights: weights,
      in: &context
    )
    let logs = try context.apply("LogSoftmax", logits, attributes: ["axis": .int(-1)])
    let axis = try context.vector([-1])
    let picked = try context.apply(
      "GatherElements",
      logs,
      context.apply("Unsqueeze", tokens, axis),
      attributes: ["axis": .int(-1)]
    )
    let losses = try context.apply("Mul", context.apply("Squeeze", picked, axis), weights)
    func sum(_ value: ValueID) throws -> ValueID {
      try context.apply("ReduceSum", value, attributes: ["keepdims": .int(0)])
    }
    let loss = try context.apply("Neg", context.apply("Div", sum(losses), sum(weights)))
    return (context, [tokens, weights], loss, correct)
  }

  private static func batches(_ batchSize: Int, seed: UInt64?) throws -> SequenceBatches {
    try SequenceBatches(
      fields: [SequenceBatches.Field(sentences, padding: .multiple(of: 4))],
      columns: [.tokens(field: 0), .weights(field: 0)],
      weightField: 0,
      batchSize: batchSize,
      seed: seed
    )
  }

  private static func trainer(rate: Float = 0.05) throws -> Trainer {
    let (training, inputs, loss, correct) = try network(.training)
    let (inference, otherInputs, otherLoss, otherCorrect) = try network(.inference)
    return try Trainer(
      TrainingGraph(
        training,
        inputs: inputs,
        loss: loss,
        correct: correct,
        optimizer: Adam.adamW()
      ),
      options: TrainingOptions(epochs: 4, batchSize: 1, seed: 5, schedule: .constant(rate)),
      batches: batches(7, seed: 5),
      evaluation: EvaluationGraph(
        inference,
        inputs: otherInputs,
        loss: otherLoss,
        correct: otherCorrect
      ),
      validation: batches(3, seed: nil)
    )
  }

  @Test func epochsAreMeansOverTokensWhateverTheBatches() throws {
    // Nothing is learned, so training in batches of 7 and validation in batches of 3 measure the same.
    let report = try Self.trainer(rate: 0).run()
    let count = Self.sentences.reduce(0) { $0 + $1.count }
    for epoch in report.epochs {
      let validation = try #require(epoch.validation)
      #expect(epoch.training.count == count && validation.count == count)
      #expect(abs(epoch.training.loss - validation.loss) < 1e-5)
      #expect(epoch.training.accuracy == validation.accuracy)
    }
  }

  @Test func bucketsTrainAndResumeWithTheSameBits() throws {
    let whole = try Self.trainer()
    let expected = try whole.run()
    #expect(try #require(expected.epochs.last?.validation?.accuracy) > 0.9)
    let control = TrainingControl()
    let interrupted = try Self.trainer()
    _ = try interrupted.run(control: control) { event in
      if case .step(let progress) = event, progress.epoch == 3, progress.batch == 2 {
        control.requestStop()
      }
    }
    let resumed = try Self.trainer()
    try resumed.resume(from: interrupted.checkpoint())
    let report = try resumed.run()
    #expect(try resumed.variables() == whole.variables())
    #expect(report.epochs.map(\.training) == expected.epochs.suffix(2).map(\.training))
  }
}
