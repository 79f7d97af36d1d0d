import Autodiff
import Datasets
import Engine
import GraphIR
import NN
import Tensors
import Testing
import Training

/// Truncated back-propagation through time with the fused recurrent operators, two layers deep.
@Suite struct CarriedStackTests {
  private static let tokenCount = 7

  private static func network(
    _ mode: BuildMode,
    _ cell: RecurrentCell,
    streams: Int,
    carries: Bool = true
  ) throws -> (context: LayerContext, inputs: [ValueID], loss: ValueID, correct: ValueID) {
    var context = LayerContext(mode: mode, seed: 3)
    let tokens = try context.graph.placeholder("tokens", .int64, [.known(streams), "T"])
    let targets = try context.graph.placeholder("targets", .int64, [.known(streams), "T"])
    let keep = try context.graph.placeholder("keep", .float32, [.known(streams)])
    let embedding = try context.variable("embedding", [tokenCount, 4], .glorotUniform)
    let x = try context.apply("Gather", embedding, tokens, attributes: ["axis": .int(0)])
    let stack = RecurrentStack(Recurrent("recurrent", cell, units: 6), depth: 2)
    let state =
      carries ? try CarriedStack(of: stack, streams: streams, keep: keep, in: &context) : nil
    let output = try stack(x, initial: state?.initial, in: &context)
    try state?.carry(output.states, in: &context)
    let logits = try Dense("out", tokenCount)(output.steps, in: &context)
    let loss = try SequenceLoss.softmaxCrossEntropy(logits: logits, labels: targets, in: &context)
    let correct = try Metrics.correctCount(logits: logits, labels: targets, in: &context)
    return (context, [tokens, targets, keep], loss, correct)
  }

  private static let text = (0..<97).map { Int32($0 * $0 % 11 % tokenCount) }

  private static func batches(_ window: Int) throws -> StreamBatches {
    StreamBatches(try #require(TokenStreams(text, streams: 4, window: window)))
  }

  @Test(arguments: RecurrentCell.allCases) func lossesAreTheSameForAnyCut(
    cell: RecurrentCell
  ) throws {
    let (context, inputs, loss, correct) = try Self.network(.inference, cell, streams: 4)
    let evaluator = try Evaluator(
      EvaluationGraph(context, inputs: inputs, loss: loss, correct: correct)
    )
    let whole = try evaluator.evaluate(Self.batches(24))
    // The last window of 5 holds 4 tokens.
    for window in [1, 5, 12] {
      let cut = try evaluator.evaluate(Self.batches(window))
      #expect(abs(whole.loss - cut.loss) < 1e-6 && whole.accuracy == cut.accuracy)
      #expect(cut.count == 96)
    }
  }

  @Test(arguments: RecurrentCell.allCases) func oneWindowOverTheWholeTextIsFullBackPropagation(
    cell: RecurrentCell
  ) throws {
    func run(carries: Bool) throws -> [Tensor] {
      var (context, inputs, loss, _) = try Self.network(
        .training,
        cell,
        streams: 2,
        carries: carries
      )
      let variables = context.graph.trainableVariables
      let gradients = try context.graph.gradients(of: loss, withRespectTo: variables)
      var feeds = [
        inputs[0]: Tensor([1, 2, 3, 4, 5, 6, 0, 1, 2, 6, 5, 4] as [Int64], [2, 6]),
        inputs[1]: Tensor([2, 3, 4, 5, 6, 0, 1, 2, 6, 5, 4, 3] as [Int64], [2, 6]),
      ]
      if carries { feeds[inputs[2]] = Tensor([0, 0] as [Float], [2]) }
      return try Session(context.graph).run([loss] + gradients, feeds: feeds)
    }
    let (carried, plain) = (try run(carries: true), try run(carries: false))
    #expect(carried.count == plain.count && carried.count > 5)
    for (left, right) in zip(carried, plain) {
      let pairs = zip(left.elements(of: Float.self), right.elements(of: Float.self))
      #expect(left.shape == right.shape && pairs.allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }

  @Test func trainingResumesWithTheSameBits() throws {
    func trainer() throws -> Trainer {
      let (training, inputs, loss, correct) = try Self.network(.training, .lstm, streams: 4)
      let (other, otherInputs, otherLoss, _) = try Self.network(.inference, .lstm, streams: 4)
      return try Trainer(
        TrainingGraph(
          training,
          inputs: inputs,
          loss: loss,
          correct: correct,
          optimizer: Adam.adamW(),
          clipping: .globalNorm(1)
        ),
        options: TrainingOptions(epochs: 3, batchSize: 1, seed: 9, schedule: .constant(0.03)),
        batches: Self.batches(7),
        evaluation: EvaluationGraph(other, inputs: otherInputs, loss: otherLoss),
        validation: Self.batches(10)
      )
    }
    let whole = try trainer()
    let expected = try whole.run()
    #expect(expected.epochs[2].training.loss < expected.epochs[0].training.loss)
    let control = TrainingControl()
    let interrupted = try trainer()
    _ = try interrupted.run(control: control) { event in
      if case .step(let progress) = event, progress.epoch == 2, progress.batch == 3 {
        control.requestStop()
      }
    }
    let checkpoint = try interrupted.checkpoint()
    let state = checkpoint.variables["recurrent/layer_1/cell_state"]
    #expect(state?.elements(of: Float.self).contains { $0 != 0 } == true)
    let resumed = try trainer()
    try resumed.resume(from: checkpoint)
    let report = try resumed.run()
    #expect(try resumed.variables() == whole.variables())
    #expect(report.epochs.last?.validation == expected.epochs.last?.validation)
  }
}
