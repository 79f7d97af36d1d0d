import Datasets
import Engine
import Foundation
import GraphIR
import NN
import Tensors
import Testing
import Training

@Suite struct TrainerTests {
  /// A network with everything that has state: batch normalisation, dropout, Adam.
  private static func graphs(
    clipping: GradientClipping = .none
  ) throws -> (training: TrainingGraph, evaluation: EvaluationGraph) {
    func build(_ mode: BuildMode) throws -> (LayerContext, [ValueID], ValueID, ValueID) {
      var context = LayerContext(mode: mode, seed: 11)
      let x = try context.graph.placeholder("x", .float32, ["N", 4])
      let labels = try context.graph.placeholder("labels", .int64, ["N"])
      var y = try Dense("hidden", 8)(x, in: &context)
      y = try BatchNorm("norm")(y, in: &context)
      y = try Dropout(0.2)(Activation.elu()(y, in: &context), in: &context)
      let logits = try Dense("out", 3)(y, in: &context)
      let loss = try Loss.softmaxCrossEntropy(logits: logits, labels: labels, in: &context)
      let correct = try Metrics.correctCount(logits: logits, labels: labels, in: &context)
      return (context, [x, labels], loss, correct)
    }
    let (training, inputs, loss, correct) = try build(.training)
    let (evaluation, otherInputs, otherLoss, otherCorrect) = try build(.inference)
    return (
      try TrainingGraph(
        training,
        inputs: inputs,
        loss: loss,
        correct: correct,
        optimizer: Adam.adamW(),
        clipping: clipping
      ),
      EvaluationGraph(evaluation, inputs: otherInputs, loss: otherLoss, correct: otherCorrect)
    )
  }

  /// Three clouds of points.
  private static func clouds(_ count: Int, seed: UInt64 = 1) -> Dataset {
    var random = Philox(seed: seed)
    var normal = NormalDistribution()
    var numbers: [Float] = []
    var labels: [Int64] = []
    for index in 0..<count {
      let label = index % 3
      labels.append(Int64(label))
      for axis in 0..<4 {
        numbers.append(Float(normal.next(&random)) * 0.5 + (axis == label ? 2 : 0))
      }
    }
    return Dataset(features: Tensor(numbers, [count, 4]), labels: Tensor(vector: labels))
  }

  private static func temporaryPath() -> String {
    FileManager.default.temporaryDirectory
      .appendingPathComponent("martlet-\(UUID().uuidString).npz").path
  }

  private static func options(_ epochs: Int) -> TrainingOptions {
    TrainingOptions(epochs: epochs, batchSize: 16, seed: 5, schedule: .constant(0.02))
  }

  @Test func learnsThreeCloudsAndReportsEveryStep() throws {
    let (training, evaluation) = try Self.graphs()
    let trainer = try Trainer(
      training,
      options: Self.options(8),
      examples: Self.clouds(100),
      evaluation: evaluation,
      validation: Self.clouds(60, seed: 2)
    )
    var sizes: [Int] = []
    var epochs: [EpochReport] = []
    let report = try trainer.run { event in
      switch event {
      case .step(let progress): sizes.append(progress.batch)
      case .epoch(let epoch): epochs.append(epoch)
      case .checkpoint: Issue.record("no checkpoint was asked for")
      }
    }
    #expect(report.end == .finished)
    // 100 examples in batches of 16: six full ones and the last four.
    #expect(sizes == (0..<8).flatMap { _ in 1...7 })
    #expect(epochs.allSatisfy { $0.training.count == 100 && $0.validation?.count == 60 })
    #expect(try #require(epochs.last?.validation?.accuracy) > 0.9)
    #expect(epochs[7].training.loss < epochs[0].training.loss)
  }

  @Test func everyExampleIsUsedOnceInAnEpochAndTheLastBatchIsPartial() throws {
    // Each label is an example's own number; the sum over an epoch shows them all.
    var context = LayerContext(mode: .training)
    let x = try context.graph.placeholder("x", .float32, ["N"])
    let labels = try context.graph.placeholder("labels", .float32, ["N"])
    let w = try context.variable("w", [1], .zeros)
    let loss = try Loss.meanSquaredError(
      predictions: context.apply("Mul", x, w),
      targets: labels,
      in: &context
    )
    let sum = try context.apply("ReduceSum", labels, attributes: ["keepdims": .int(0)])
    let graph = try TrainingGraph(
      context,
      inputs: [x, labels],
      loss: loss,
      correct: sum,
      optimizer: SGD()
    )
    let numbers = Tensor(vector: (1...10).map { Float($0) })
    let trainer = try Trainer(
      graph,
      options: TrainingOptions(epochs: 2, batchSize: 4, schedule: .constant(0)),
      examples: Dataset(features: numbers, labels: numbers)
    )
    let report = try trainer.run()
    #expect(report.steps == 6)
    #expect(report.epochs.map(\.training.count) == [10, 10])
    #expect(report.epochs.compactMap(\.training.accuracy) == [5.5, 5.5])
    // With w = 0 the loss is the mean of the squares, 38.5, whatever the batches.
    #expect(report.epochs.allSatisfy { abs($0.training.loss - 38.5) < 1e-5 })
  }

  @Test func resumingFromACheckpointGivesTheSameBits() throws {
    let path = Self.temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let data = Self.clouds(50)
    let validation = Self.clouds(20, seed: 2)
    func trainer(_ everySteps: Int?) throws -> Trainer {
      var options = Self.options(4)
      options.earlyStopping = EarlyStopping(patience: 10, restoresBest: false)
      options.checkpoints = everySteps.map { CheckpointPolicy(path: path, everySteps: $0) }
      let (training, evaluation) = try Self.graphs(clipping: .globalNorm(1))
      return try Trainer(
        training,
        options: options,
        examples: data,
        evaluation: evaluation,
        validation: validation
      )
    }
    let whole = try trainer(nil)
    let expected = try whole.run()

    func checkResumed(from step: Int) throws {
      let resumed = try trainer(nil)
      let checkpoint = try TrainingCheckpoint(contentsOf: path)
      #expect(checkpoint.step == step)
      try resumed.resume(from: checkpoint)
      let report = try resumed.run()
      #expect(report.steps == expected.steps)
      #expect(try resumed.variables() == whole.variables())
      #expect(report.epochs.last?.training == expected.epochs.last?.training)
      #expect(report.epochs.last?.validation == expected.epochs.last?.validation)
    }
    // Both in the middle of the second epoch. A crash: the last checkpoint is older than the last step.
    struct Crash: Error {}
    let crashed = try trainer(5)
    #expect(throws: Crash.self) {
      try crashed.run { event in
        if case .step(let progress) = event, progress.epoch == 2, progress.batch == 3 {
          throw Crash()
        }
      }
    }
    try checkResumed(from: 5)
    // A request to stop: a checkpoint is written there.
    let control = TrainingControl()
    let interrupted = try trainer(5)
    let partial = try interrupted.run(control: control) { event in
      if case .step(let progress) = event, progress.epoch == 2, progress.batch == 3 {
        control.requestStop()
      }
    }
    #expect(partial.end == .stoppedOnRequest)
    try checkResumed(from: partial.steps)
  }

  @Test func checkpointsFallOnTheirIntervalAndOnTheEndOfEveryEpoch() throws {
    let path = Self.temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    var options = Self.options(2)
    options.checkpoints = CheckpointPolicy(path: path, everySteps: 3)
    let (training, _) = try Self.graphs()
    // Four steps an epoch.
    let trainer = try Trainer(training, options: options, examples: Self.clouds(50))
    var steps: [Int] = []
    _ = try trainer.run { event in
      if case .checkpoint(_, let step) = event { steps.append(step) }
    }
    #expect(steps == [3, 4, 6, 8])
    #expect(try TrainingCheckpoint(contentsOf: path).epochs == trainer.history)
    #expect(trainer.history.map(\.epoch) == [1, 2])
  }

  @Test func aStopWhileAnEpochIsMeasuredIsMadeUpFor() throws {
    let path = Self.temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    func trainer(_ checkpoints: CheckpointPolicy?) throws -> Trainer {
      var options = Self.options(3)
      options.checkpoints = checkpoints
      options.earlyStopping = EarlyStopping(patience: 5)
      let (training, evaluation) = try Self.graphs()
      return try Trainer(
        training,
        options: options,
        examples: Self.clouds(50),
        evaluation: evaluation,
        validation: Self.clouds(20, seed: 2)
      )
    }
    let whole = try trainer(nil)
    let expected = try whole.run()
    let control = TrainingControl()
    let stopped = try trainer(CheckpointPolicy(path: path)).run(control: control) { event in
      // The last step of the second epoch: its validation then finds the request.
      if case .step(let progress) = event, progress.epoch == 2, progress.batch == 4 {
        control.requestStop()
      }
    }
    #expect(stopped.end == .stoppedOnRequest && stopped.steps == 8)
    #expect(stopped.epochs.map(\.epoch) == [1])
    let resumed = try trainer(nil)
    try resumed.resume(from: TrainingCheckpoint(contentsOf: path))
    let report = try resumed.run()
    #expect(report.epochs.map(\.epoch) == [2, 3])
    #expect(resumed.history.map(\.validation) == expected.epochs.map(\.validation))
    #expect(try resumed.variables() == whole.variables())
  }

  @Test func aTrainingThatStoppedEarlyStaysStopped() throws {
    var options = Self.options(40)
    options.schedule = .exponential(rate: 0.002, factor: 10, over: 8)
    options.earlyStopping = EarlyStopping(patience: 2)
    let (training, evaluation) = try Self.graphs()
    func trainer() throws -> Trainer {
      try Trainer(
        training,
        options: options,
        examples: Self.clouds(64),
        evaluation: evaluation,
        validation: Self.clouds(60, seed: 2)
      )
    }
    let first = try trainer()
    let ended = try first.run()
    #expect(ended.end == .stoppedEarly)
    let again = try trainer()
    try again.resume(from: first.checkpoint())
    let report = try again.run()
    #expect(report.end == .stoppedEarly && report.steps == ended.steps && report.epochs.isEmpty)
    #expect(try again.variables() == first.variables())
  }

  @Test func aCheckpointSurvivesItsFile() throws {
    let path = Self.temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    var options = Self.options(2)
    options.earlyStopping = EarlyStopping(patience: 1)
    let (training, evaluation) = try Self.graphs()
    let trainer = try Trainer(
      training,
      options: options,
      examples: Self.clouds(40),
      evaluation: evaluation,
      validation: Self.clouds(20, seed: 2)
    )
    _ = try trainer.run()
    let checkpoint = try trainer.checkpoint()
    try checkpoint.write(to: path)
    try checkpoint.write(to: path)
    #expect(try TrainingCheckpoint(contentsOf: path) == checkpoint)
    #expect(checkpoint.best != nil)
    #expect(checkpoint.variables["adamw/step"] == Tensor(scalar: Int64(6)))
  }

  @Test func aCheckpointOfAnotherTrainingIsRefused() throws {
    let (training, evaluation) = try Self.graphs()
    let trainer = try Trainer(
      training,
      options: Self.options(1),
      examples: Self.clouds(20),
      evaluation: evaluation
    )
    var checkpoint = try trainer.checkpoint()
    checkpoint.variables["out/bias"] = nil
    #expect {
      try trainer.resume(from: checkpoint)
    } throws: { "\($0)".contains("out/bias") }
    checkpoint.seed = 6
    #expect {
      try trainer.resume(from: checkpoint)
    } throws: { "\($0)".contains("seed 6") }
  }

  @Test func earlyStoppingRestoresTheBestEpoch() throws {
    // The rate grows until training does harm; then the variables of the best epoch come back.
    var options = Self.options(40)
    options.schedule = .exponential(rate: 0.002, factor: 10, over: 8)
    options.earlyStopping = EarlyStopping(monitor: .loss, patience: 2)
    let (training, evaluation) = try Self.graphs()
    let validation = Self.clouds(60, seed: 2)
    let trainer = try Trainer(
      training,
      options: options,
      examples: Self.clouds(64),
      evaluation: evaluation,
      validation: validation
    )
    let report = try trainer.run()
    #expect(report.end == .stoppedEarly)
    let best = try #require(report.bestEpoch)
    #expect(report.epochs.count == best + 2)
    #expect(report.epochs[best - 1].isBest)
    let evaluator = try Evaluator(evaluation)
    try evaluator.setVariables(trainer.variables())
    let metrics = try evaluator.evaluate(validation)
    #expect(metrics.loss == report.epochs[best - 1].validation?.loss)
    #expect(report.epochs.allSatisfy { ($0.validation?.loss ?? 0) >= metrics.loss })
  }

  @Test func aLossThatIsNotFiniteEndsTheTrainingWithItsStep() throws {
    let (training, evaluation) = try Self.graphs()
    var numbers = Self.clouds(20).features.elements(of: Float.self)
    numbers[7] = .nan
    let data = Dataset(
      features: Tensor(numbers, [20, 4]),
      labels: Self.clouds(20).labels
    )
    let trainer = try Trainer(
      training,
      options: Self.options(3),
      examples: data,
      evaluation: evaluation
    )
    #expect {
      try trainer.run()
    } throws: { error in
      guard case .lossNotFinite(let step, 1, let loss, 0.02)? = error as? TrainingError else {
        return false
      }
      return loss.isNaN && (1...2).contains(step)
    }
  }

  @Test func impossibleOptionsAreRefused() throws {
    let (training, evaluation) = try Self.graphs()
    func attempt(
      _ change: (inout TrainingOptions) -> Void,
      count: Int = 10,
      validation: Dataset? = nil,
      graph: EvaluationGraph?
    ) throws {
      var options = Self.options(1)
      change(&options)
      _ = try Trainer(
        training,
        options: options,
        examples: Self.clouds(count),
        evaluation: graph,
        validation: validation
      )
    }
    #expect(throws: TrainingError.self) { try attempt({ $0.batchSize = 0 }, graph: evaluation) }
    #expect(throws: TrainingError.self) { try attempt({ $0.epochs = -1 }, graph: evaluation) }
    #expect(throws: TrainingError.self) { try attempt({ _ in }, count: 0, graph: evaluation) }
    #expect(throws: TrainingError.self) {
      try attempt({ _ in }, validation: Self.clouds(3), graph: nil)
    }
    #expect(throws: TrainingError.self) {
      try attempt({ $0.earlyStopping = EarlyStopping(patience: 1) }, graph: evaluation)
    }
  }

  @Test func examplesOfAnotherShapeAreNamed() throws {
    let (training, _) = try Self.graphs()
    let data = Dataset(
      features: Tensor(zeros: .float32, [6, 5]),
      labels: Tensor(zeros: .int64, [6])
    )
    let trainer = try Trainer(training, options: Self.options(1), examples: data)
    #expect {
      try trainer.run()
    } throws: { "\($0)".contains("x is float32[N,4]") && "\($0)".contains("[6,5]") }
  }
}
