import Datasets
import Foundation
import GraphIR
import Synchronization
import Tensors
import Testing

@testable import Training

@Suite struct FineTuningTests {
  static func options(
    _ change: (inout FineTuningOptions) -> Void = { _ in }
  ) -> FineTuningOptions {
    var options = FineTuningOptions(
      epochs: 4,
      batchSize: 8,
      learningRate: .absolute(0.02),
      seed: 5
    )
    change(&options)
    return options
  }

  private static func fineTuning(
    _ graph: Graph,
    _ data: Dataset = SmallModels.pictures(30),
    validation: Dataset? = nil,
    _ change: (inout FineTuningOptions) -> Void = { _ in }
  ) throws -> FineTuning {
    try FineTuning(
      FineTunableModel(graph),
      options: options(change),
      training: data,
      validation: validation
    )
  }

  private static func initialValues(_ graph: Graph) -> [String: Tensor] {
    graph.variables.reduce(into: [:]) { result, id in
      if case .variable(let initial, _) = graph[id].source { result[graph[id].name] = initial }
    }
  }

  @Test func learnsAndKeepsWhatIsFrozen() throws {
    let graph = try SmallModels.convolutional()
    let tuning = try Self.fineTuning(
      graph,
      SmallModels.pictures(60),
      validation: SmallModels.pictures(30, seed: 2)
    ) {
      $0.freeze = ["conv*", "norm2"]
      $0.epochs = 12
    }
    #expect(
      tuning.trainedVariables == [
        "dense1/weight", "dense1/bias", "outputs/weight", "outputs/bias",
      ]
    )
    #expect(tuning.trainedParameterCount == 136 + 27)
    let report = try tuning.run()
    #expect(report.epochs.map(\.epoch) == Array(1...12))
    #expect(try #require(report.epochs.last?.validation?.accuracy) > 0.9)
    // Every weight of the version: trained ones new, frozen ones as they were.
    let served = try tuning.servingGraph(report)
    for (name, before) in Self.initialValues(graph) {
      let after = served.value(named: name).flatMap { served.constant($0) }
      #expect((after == before) == !tuning.trainedVariables.contains(name), "\(name)")
    }
    #expect(served.outputs.map { served[$0].name } == ["logits", "probabilities"])
  }

  @Test func noGradientTouchesTheFrozenPart() throws {
    let tuning = try Self.fineTuning(SmallModels.convolutional()) {
      $0.freeze = ["conv1", "conv2", "norm2"]
    }
    let graph = try tuning.stepGraph().graph
    // Only the forward pass reads frozen weights, and no gradient of a convolution or a pooling is there.
    for name in ["conv1/weight", "conv1/bias", "conv2/weight", "norm2/scale"] {
      let variable = try #require(graph.value(named: name))
      let readers = graph.consumers(of: variable).map { graph[$0].op.name }
      #expect(["Conv", "BatchNormalization"].contains(readers.joined()), "\(name): \(readers)")
    }
    let whole = try Self.fineTuning(SmallModels.convolutional()).stepGraph().graph
    // The gradients of frozen layers are there only when nothing is frozen.
    for op in ["MaxPoolGradient", "BatchNormalizationGradient"] {
      #expect(!graph.nodes.contains { $0.op == .martlet(op) })
      #expect(whole.nodes.contains { $0.op == .martlet(op) })
    }
    #expect(graph.nodes.count { $0.op == .martlet("AdamUpdate") } == 4)
    #expect(whole.nodes.count > graph.nodes.count)
    let kernel = try #require(whole.value(named: "conv1/weight"))
    #expect(whole.consumers(of: kernel).contains { whole[$0].op.name == "AdamUpdate" })
  }

  @Test func precomputedFrozenValuesGiveTheSameBits() throws {
    for (freeze, dropout) in [
      (["conv*", "norm2"], DropoutChoice.off), (["conv*", "norm2", "dense1"], .rate(0.3)),
      (["conv1"], .rate(0.2)),
    ] {
      func run(_ byteCountMax: Int) throws -> (FineTuning, FineTuningReport) {
        let tuning = try Self.fineTuning(
          SmallModels.convolutional(),
          SmallModels.pictures(29),
          validation: SmallModels.pictures(11, seed: 2)
        ) {
          $0.freeze = freeze
          $0.dropout = dropout
          $0.frozenValuesByteCountMax = byteCountMax
          $0.clipNorm = 1
          $0.evaluationBatchSize = 7
        }
        return (tuning, try tuning.run())
      }
      let (tuning, cached) = try run(1 << 20)
      let (_, uncached) = try run(0)
      guard case .precomputed(let names, let byteCount) = cached.frozenValues else {
        Issue.record("\(freeze): \(cached.frozenValues)")
        continue
      }
      #expect(names.count == 1 && byteCount > 0)
      #expect(uncached.frozenValues == .computedEachStep(reason: "switched off"))
      for name in tuning.trainedVariables {
        #expect(cached.weights[name] == uncached.weights[name], "\(freeze): \(name)")
      }
      #expect(
        cached.weights["norm2/moving_mean"]
          == (freeze == ["conv1"]
            ? uncached.weights["norm2/moving_mean"] : nil)
      )
      #expect(cached.epochs.map(\.training) == uncached.epochs.map(\.training))
      #expect(cached.epochs.map(\.validation) == uncached.epochs.map(\.validation))
    }
  }

  @Test func valuesAreNotPrecomputedWhereThatIsImpossible() throws {
    func reason(_ change: (inout FineTuningOptions) -> Void) throws -> String {
      let tuning = try Self.fineTuning(SmallModels.convolutional()) {
        $0.epochs = 1
        $0.freeze = ["conv*", "norm2"]
        change(&$0)
      }
      guard case .computedEachStep(let reason) = try tuning.run().frozenValues else { return "" }
      return reason
    }
    #expect(try reason { $0.augmentation = ImageAugmentation(shift: 1) }.contains("augmentation"))
    #expect(try reason { $0.freeze = [] }.contains("no layer before"))
    // 30 examples of 16 numbers.
    #expect(try reason { $0.frozenValuesByteCountMax = 1919 }.contains("1920 bytes"))
    #expect(try reason { $0.frozenValuesByteCountMax = 1920 } == "")
  }

  @Test func aForeignGraphLearnsAndKeepsItsSignature() throws {
    let graph = try SmallModels.foreign()
    let data = SmallModels.pictures(60)
    let model = try FineTunableModel(graph)
    let tuning = try FineTuning(
      model,
      options: Self.options { $0.epochs = 10 },
      training: data
    )
    let report = try tuning.run()
    let before = try HeldOutEvaluator(model, task: .classification).evaluate(data)
    let after = try HeldOutEvaluator(model, task: .classification, weights: report.weights)
      .evaluate(data)
    #expect(try #require(after.accuracy) > 0.95)
    #expect(try #require(before.accuracy) < 0.8)
    let served = try tuning.servingGraph(report)
    #expect(served[served.inputs[0]].type == graph[graph.inputs[0]].type)
    // The served graph, read as a model again, is as good as the trained one.
    let weights = Self.initialValues(graph).keys
    #expect(weights.allSatisfy { served.value(named: $0) != nil })
  }

  @Test func severalLabelsAreLearned() throws {
    let data = SmallModels.rows(80, width: 2) { [$0[0] > 0 ? 1 : 0, $0[1] > $0[2] ? 1 : 0] }
    let tuning = try Self.fineTuning(
      SmallModels.dense(outputs: 5, tail: "Softmax"),
      data,
      validation: data
    ) {
      $0.task = .multiLabel
      $0.newClassCount = 2
      $0.epochs = 40
    }
    let report = try tuning.run()
    #expect(try #require(report.epochs.last?.validation?.accuracy) > 0.9)
    let metrics = try HeldOutEvaluator(tuning.model, task: .multiLabel, weights: report.weights)
      .evaluate(data)
    #expect(metrics.accuracy == report.epochs.last?.validation?.accuracy)
    #expect(metrics.labelF1?.allSatisfy { $0 > 0.85 } == true)
  }

  @Test func numbersAreLearned() throws {
    let data = SmallModels.rows(80, width: 1) { [$0[0] - 0.5 * $0[3]] }
    let tuning = try Self.fineTuning(
      SmallModels.dense(outputs: 3),
      Dataset(features: data.features, labels: data.labels.reshaped(to: [80])),
      validation: data
    ) {
      $0.task = .regression
      $0.newClassCount = 1
      $0.epochs = 60
      $0.optimizer = .momentum
    }
    let report = try tuning.run()
    let metrics = try HeldOutEvaluator(tuning.model, task: .regression, weights: report.weights)
      .evaluate(data)
    #expect(try #require(metrics.r2) > 0.95)
    #expect(metrics.meanSquaredError.map { abs($0 - metrics.loss) < 1e-6 } == true)
    #expect(report.epochs.last?.validation?.accuracy == nil)
  }

  @Test func anOperatorWithoutAGradientIsNamedUnlessFrozen() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, ["N", 4])
    let first = try graph.variable("first/weight", Tensor(repeating: Float(0.1), [4, 4]))
    let last = try graph.variable("last/weight", Tensor(repeating: Float(0.1), [4, 3]))
    let y = try graph.apply1(
      "CumProd",
      [
        graph.apply1("MatMul", [x, first]), graph.constant(Tensor(scalar: Int64(1))),
      ],
      name: "product"
    )
    graph.outputs = [try graph.apply1("MatMul", [y, last])]
    let data = Dataset(
      features: Tensor(repeating: Float(1), [4, 4]),
      labels: Tensor(vector: [0, 1, 2, 0] as [Int64])
    )
    #expect {
      try Self.fineTuning(graph, data)
    } throws: {
      "\($0)".contains("node product (CumProd) has no gradient")
        && "\($0)".contains("freeze every layer before it")
    }
    let report = try Self.fineTuning(graph, data) { $0.freeze = ["first"] }.run()
    #expect(report.end == .finished)
  }

  @Test func earlyStoppingGoesBackToTheBestEpoch() throws {
    let validation = SmallModels.pictures(30, seed: 2)
    let tuning = try Self.fineTuning(
      SmallModels.convolutional(),
      validation: validation
    ) {
      $0.freeze = ["conv*", "norm2"]
      $0.epochs = 200
      $0.learningRate = .absolute(0.3)
      $0.schedule = .constant
      $0.earlyStoppingPatience = 2
    }
    let report = try tuning.run()
    #expect(report.end == .stoppedEarly)
    let best = try #require(report.bestEpoch)
    #expect(report.epochs.count == best + 2)
    let metrics = try HeldOutEvaluator(
      tuning.model,
      task: .classification,
      weights: report.weights
    ).evaluate(validation)
    let expected = try #require(report.epochs[best - 1].validation)
    #expect(abs(metrics.loss - expected.loss) < 1e-6)
    #expect(metrics.accuracy == expected.accuracy)
  }

  @Test func othersGoFirstBetweenBatchesAndEvaluations() throws {
    final class Counter: Sendable {
      let count = Atomic<Int>(0)
    }
    let counter = Counter()
    let tuning = try Self.fineTuning(
      SmallModels.convolutional(),
      validation: SmallModels.pictures(10, seed: 2)
    ) {
      $0.freeze = ["conv*", "norm2"]
      $0.epochs = 2
      $0.evaluationBatchSize = 5
      $0.yield = { counter.count.add(1, ordering: .relaxed) }
    }
    _ = try tuning.run()
    // 6 batches to precompute 30 examples, 2 for validation, 2 epochs of 4 steps and 2 batches; long plans may add some.
    #expect(counter.count.load(ordering: .relaxed) >= 6 + 2 + 2 * (4 + 2))
  }

  @Test func aStopBeforeTheFirstStepKeepsTheCheckpointAsItIs() throws {
    let control = TrainingControl()
    control.requestStop()
    let tuning = try Self.fineTuning(SmallModels.convolutional()) {
      $0.freeze = ["conv*", "norm2"]
      $0.checkpoints = CheckpointPolicy(path: "/nonexistent/folder/checkpoint.npz")
    }
    let report = try tuning.run(control: control)
    #expect(report.end == .stoppedOnRequest && report.steps == 0)
  }

  @Test func impossibleRequestsAreRefusedBeforeTraining() throws {
    func message(
      _ data: Dataset = SmallModels.pictures(12),
      _ change: (inout FineTuningOptions) -> Void = { _ in }
    ) throws -> String {
      do {
        _ = try Self.fineTuning(SmallModels.convolutional(), data, change)
        return "nothing"
      } catch { return "\(error)" }
    }
    #expect(try message { $0.freeze = ["*"] }.contains("every layer is frozen; leave one of conv1"))
    #expect(try message { $0.freeze = ["dnese"] }.contains("'dnese' matches no layer"))
    #expect(try message { $0.epochs = 0 }.contains("epochs is 0"))
    #expect(try message { $0.batchSize = .max }.contains("batch size is 9223372036854775807"))
    #expect(try message { $0.evaluationBatchSize = .max }.contains("evaluation batch size"))
    #expect(try message { $0.learningRate = .absolute(-.infinity) }.contains("learning rate"))
    #expect(try message { $0.clipNorm = 0 }.contains("clip norm"))
    #expect(try message { $0.dropout = .rate(1) }.contains("dropout"))
    #expect(try message { $0.earlyStoppingPatience = 1 }.contains("validation"))
    #expect(try message { $0.augmentation = ImageAugmentation(shift: -1) }.contains("shift -1"))
    #expect(
      try message(SmallModels.pictures(12, classCount: 4)).contains(
        "row 3: label 3 is none of the classes 0 to 2"
      )
    )
    #expect(
      try message { $0.task = .multiLabel }.contains("multi_label needs float32 [N,3]")
    )
    let rows = SmallModels.rows(4, width: 1) { _ in [.nan] }
    #expect(try message(rows).contains("a row of features has shape [4], the model reads [1,6,6]"))
    do {
      _ = try Self.fineTuning(SmallModels.dense(outputs: 1), rows) { $0.task = .regression }
      Issue.record("NaN was taken")
    } catch { #expect("\(error)".contains("row 0: target 0 is not a finite number")) }
  }
}
