import Autodiff
import Datasets
import Engine
import GraphIR
import NN
import Tensors
import Testing
import Training

/// Truncated back-propagation through time on a plain recurrent network, written out step by step.
@Suite struct CarriedStateTests {
  private static let tokenCount = 7
  private static let size = 5

  /// A network for windows of `length` tokens of each stream: h_t = tanh(E[x_t] + h_{t-1} U), logits h_t V.
  private struct Network {
    var context: LayerContext
    let inputs: [ValueID]
    let loss: ValueID
    let correct: ValueID

    /// Without `carries` every window starts from zeros.
    init(_ mode: BuildMode, streams: Int, length: Int, carries: Bool = true) throws {
      context = LayerContext(mode: mode, seed: 3)
      let tokens = try context.graph.placeholder(
        "tokens",
        .int64,
        [.known(streams), .known(length)]
      )
      let targets = try context.graph.placeholder(
        "targets",
        .int64,
        [.known(streams), .known(length)]
      )
      let keep = try context.graph.placeholder("keep", .float32, [.known(streams)])
      let (count, size) = (CarriedStateTests.tokenCount, CarriedStateTests.size)
      let embedding = try context.variable("embedding", [count, size], .glorotUniform)
      let recurrent = try context.variable("recurrent", [size, size], .glorotUniform)
      let output = try context.variable("output", [size, count], .glorotUniform)
      let state =
        carries
        ? try CarriedState("state", streams: streams, size: size, keep: keep, in: &context) : nil
      var hidden = try context.graph.constant(Tensor(zeros: .float32, [streams, size]))
      if let state { hidden = state.initial }
      var steps: [ValueID?] = []
      for position in 0..<length {
        let column = try context.graph.constant(Tensor(scalar: Int64(position)))
        let token = try context.apply("Gather", tokens, column, attributes: ["axis": .int(1)])
        let input = try context.apply("Gather", embedding, token, attributes: ["axis": .int(0)])
        let sum = try context.apply("Add", input, context.apply("MatMul", hidden, recurrent))
        hidden = try context.apply("Tanh", sum)
        steps.append(try context.apply("Unsqueeze", hidden, context.vector([1])))
      }
      try state?.carry(hidden, in: &context)
      let stack = try context.graph.apply1("Concat", steps, ["axis": .int(1)], name: "stack")
      let logits = try context.apply("MatMul", stack, output)
      let rows = try context.apply("Reshape", logits, context.vector([-1, count]))
      let labels = try context.apply("Reshape", targets, context.vector([-1]))
      loss = try Loss.softmaxCrossEntropy(logits: rows, labels: labels, in: &context)
      correct = try Metrics.correctCount(logits: logits, labels: targets, in: &context)
      inputs = [tokens, targets, keep]
    }

    func training() throws -> TrainingGraph {
      try TrainingGraph(
        context,
        inputs: inputs,
        loss: loss,
        correct: correct,
        optimizer: Adam.adamW()
      )
    }

    var evaluation: EvaluationGraph {
      EvaluationGraph(context, inputs: inputs, loss: loss, correct: correct)
    }
  }

  private static let text = (0..<97).map { Int32($0 * $0 % 11 % tokenCount) }

  private func batches(streams: Int, window: Int) throws -> StreamBatches {
    StreamBatches(try #require(TokenStreams(Self.text, streams: streams, window: window)))
  }

  /// 4 streams of 24 predictions each: any divisor of 24 cuts them into equal windows.
  @Test(arguments: [1, 3, 8, 12]) func lossesAreTheSameForAnyCut(window: Int) throws {
    func loss(_ length: Int) throws -> EvaluationMetrics {
      let network = try Network(.inference, streams: 4, length: length)
      let evaluator = try Evaluator(network.evaluation)
      let source = try batches(streams: 4, window: length)
      let first = try evaluator.evaluate(source)
      // A second pass begins anew: it does not see the state that the first one left.
      #expect(try evaluator.evaluate(source) == first)
      return first
    }
    let (whole, cut) = (try loss(24), try loss(window))
    #expect(whole.count == 96 && cut.count == 96)
    #expect(abs(whole.loss - cut.loss) < 1e-6 && whole.accuracy == cut.accuracy)
  }

  @Test func stateMattersAndIsForgottenWhereStreamsBeginAnew() throws {
    let network = try Network(.inference, streams: 1, length: 2)
    let session = try Session(network.context.graph)
    func loss(keep: Float) throws -> Float {
      try session.run(
        [network.loss],
        feeds: [
          network.inputs[0]: Tensor([1, 2] as [Int64], [1, 2]),
          network.inputs[1]: Tensor([2, 3] as [Int64], [1, 2]),
          network.inputs[2]: Tensor([keep], [1]),
        ],
        targets: network.context.updates
      )[0].elements(of: Float.self)[0]
    }
    let first = try loss(keep: 0)
    #expect(try loss(keep: 1) != first)
    #expect(try loss(keep: 0) == first)
  }

  private static let window = (
    tokens: Tensor([1, 2, 3, 4, 5, 6, 0, 1, 2, 6, 5, 4] as [Int64], [2, 6]),
    targets: Tensor([2, 3, 4, 5, 6, 0, 1, 2, 6, 5, 4, 3] as [Int64], [2, 6])
  )

  /// Loss and gradients of the trained variables for one window.
  private func gradients(
    _ session: Session,
    _ network: Network,
    _ gradients: [ValueID],
    keep: [Float]
  ) throws -> [[Float]] {
    var feeds = [
      network.inputs[0]: Self.window.tokens, network.inputs[1]: Self.window.targets,
    ]
    // Where nothing is carried nothing needs it.
    if !network.context.updates.isEmpty { feeds[network.inputs[2]] = Tensor(vector: keep) }
    return try session.run([network.loss] + gradients, feeds: feeds)
      .map { $0.elements(of: Float.self) }
  }

  @Test func oneWindowOverTheWholeTextIsFullBackPropagation() throws {
    func run(carries: Bool) throws -> [[Float]] {
      var network = try Network(.training, streams: 2, length: 6, carries: carries)
      let variables = network.context.graph.trainableVariables
      #expect(variables.count == 3, "the carried state is not trained")
      let values = try network.context.graph.gradients(of: network.loss, withRespectTo: variables)
      return try gradients(Session(network.context.graph), network, values, keep: [0, 0])
    }
    #expect(try run(carries: true) == run(carries: false))
  }

  @Test func gradientsWithCarriedStateEqualDifferencesOfTheLoss() throws {
    var network = try Network(.training, streams: 2, length: 6)
    let graph = network.context.graph
    let recurrent = try #require(graph.trainableVariables.first { graph[$0].name == "recurrent" })
    let state = try #require(graph.variables.first { graph[$0].name == "state" })
    let gradient = try network.context.graph.gradients(
      of: network.loss,
      withRespectTo: [recurrent]
    )
    let session = try Session(network.context.graph)
    try session.assign(state, Tensor((0..<10).map { Float($0) / 20 }, [2, Self.size]))
    // The second stream goes on from the state, the first begins anew.
    let numbers = try gradients(session, network, gradient, keep: [0, 1])[1]
    let values = try session.value(of: recurrent).elements(of: Float.self)
    for index in [0, 7, 13, 24] {
      func loss(_ change: Float) throws -> Float {
        var changed = values
        changed[index] += change
        try session.assign(recurrent, Tensor(changed, [Self.size, Self.size]))
        return try gradients(session, network, [], keep: [0, 1])[0][0]
      }
      let difference = (try loss(0.01) - loss(-0.01)) / 0.02
      #expect(abs(difference - numbers[index]) < 1e-3)
    }
  }

  @Test func epochsCountTokensAndResumeWithTheSameBits() throws {
    // 24 predictions in windows of 8: three steps a pass; a stop after the fourth step is inside the second pass.
    func trainer() throws -> Trainer {
      try Trainer(
        Network(.training, streams: 4, length: 8).training(),
        options: TrainingOptions(epochs: 3, batchSize: 1, seed: 9, schedule: .constant(0.05)),
        batches: batches(streams: 4, window: 8),
        evaluation: Network(.inference, streams: 2, length: 16).evaluation,
        // Another number of streams than in training: the state is not taken over.
        validation: batches(streams: 2, window: 16)
      )
    }
    let whole = try trainer()
    let expected = try whole.run()
    #expect(expected.epochs.map(\.training.count) == [96, 96, 96])
    #expect(expected.epochs.allSatisfy { $0.validation?.count == 96 })
    #expect(expected.epochs[2].training.loss < expected.epochs[0].training.loss)

    let control = TrainingControl()
    let interrupted = try trainer()
    _ = try interrupted.run(control: control) { event in
      if case .step(let progress) = event, progress.epoch == 2, progress.batch == 1 {
        control.requestStop()
      }
    }
    let checkpoint = try interrupted.checkpoint()
    #expect(checkpoint.step == 4)
    #expect(checkpoint.variables["state"]?.elements(of: Float.self).contains { $0 != 0 } == true)
    let resumed = try trainer()
    try resumed.resume(from: checkpoint)
    let report = try resumed.run()
    #expect(try resumed.variables() == whole.variables())
    #expect(report.epochs.last?.training == expected.epochs.last?.training)
    #expect(report.epochs.last?.validation == expected.epochs.last?.validation)
  }
}
