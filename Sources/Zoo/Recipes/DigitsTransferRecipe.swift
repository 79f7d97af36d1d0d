package import Datasets
import GraphIR
import NN
import ONNXFormat
import Tensors
import Training

/// What a trained network is worth for a related task with few labels: LeNet-5 from the even digits to the odd ones, against LeNet-5 from scratch.
///
/// The parent learns the even digits from all their training pictures. Each run draws ten labelled pictures of each odd digit, the same ones for
/// both ways: the parent's convolutions frozen under a new head, or the same architecture with fresh weights. Measured on all odd
/// test digits, which nothing is chosen by.
package struct DigitsTransferRecipe: Recipe {
  package let name = "digits-transfer"
  package let summary =
    "LeNet-5 from even digits to 50 labelled odd ones, against training from scratch"
  package let dataSets = [MNISTFolder.Name.mnist.rawValue]
  /// Of the few labels; the parent's number is fixed.
  package let defaultEpochs = 120
  package let defaultSeed: UInt64 = 1
  /// Runs of each way, with seeds that count up.
  package var runCount: Int

  static let labelsPerClass = 10

  package init(runCount: Int = 5) { self.runCount = runCount }

  /// Mean and spread of test accuracies; the model folder of a request is not written.
  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    let contents = try MNISTFolder.read(.mnist, in: request.dataFolder)
    let parent = try parent(Self.half(contents.training.dataset, odd: false), request)
    let all = Self.half(contents.training.dataset, odd: true)
    let test = Self.half(contents.test.dataset, odd: true)
    var accuracies: [String: [Double]] = [:]
    for run in 0..<UInt64(max(runCount, 1)) {
      let seed = (request.seed ?? defaultSeed) &+ run
      let labels = all.labels.elements(of: Int64.self)
      let few = all.selecting(TransferRecipe.draw(labels, Self.labelsPerClass, seed: seed))
      for isTransfer in [true, false] {
        let start =
          try isTransfer ? parent : FineTunableModel(TransferRecipe.freshGraph(seed: seed))
        let tuning = try FineTuning(
          start,
          options: options(isTransfer: isTransfer, seed: seed, request),
          training: few
        )
        let ended = try tuning.run(control: request.control)
        guard ended.end != .stoppedOnRequest else {
          try report(.message("stopped; the table is not complete"))
          return RecipeResult(metrics: [:])
        }
        let measured = try HeldOutEvaluator(
          tuning.model,
          task: .classification,
          weights: ended.weights,
          threads: request.threads
        ).evaluate(test)
        accuracies[isTransfer ? "frozen_trunk" : "scratch", default: []]
          .append(measured.accuracy ?? 0)
      }
    }
    var metrics: [String: Double] = [:]
    for (name, values) in accuracies.sorted(by: { $0.key < $1.key }) {
      let (mean, deviation) = TransferRecipe.spread(values)
      metrics["\(name)_accuracy"] = mean
      metrics["\(name)_deviation"] = deviation
      try report(
        .message(
          "\(name): \(TransferRecipe.percent(mean)) +- \(TransferRecipe.percent(deviation)) over the runs"
        )
      )
    }
    return RecipeResult(metrics: metrics)
  }

  /// LeNet-5 trained on the even digits.
  private func parent(_ data: Dataset, _ request: RecipeRequest) throws -> FineTunableModel {
    let seed = request.seed ?? defaultSeed
    let training = try FineTuning(
      FineTunableModel(TransferRecipe.freshGraph(seed: seed)),
      options: FineTuningOptions(
        newClassCount: 5,
        dropout: .rate(0.3),
        epochs: 8,
        batchSize: 128,
        learningRate: .absolute(0.003),
        seed: seed,
        threads: request.threads
      ),
      training: data
    )
    let graph = try training.servingGraph(training.run(control: request.control))
    return try FineTunableModel(
      ONNXReader.graph(from: ONNXWriter.bytes(of: graph), initializersAs: .trainableVariables)
    )
  }

  /// Chosen among five settings each with seeds 101 to 105.
  private func options(
    isTransfer: Bool,
    seed: UInt64,
    _ request: RecipeRequest
  ) -> FineTuningOptions {
    FineTuningOptions(
      newClassCount: 5,
      freeze: isTransfer ? ["conv*"] : [],
      dropout: .rate(0.3),
      epochs: request.epochs ?? defaultEpochs,
      batchSize: 32,
      learningRate: .absolute(isTransfer ? 0.004 : 0.002),
      weightDecay: isTransfer ? 0.3 : 0.01,
      seed: seed,
      threads: request.threads
    )
  }

  /// The even or odd digits with their labels halved: 0 to 4.
  package static func half(_ data: Dataset, odd: Bool) -> Dataset {
    let labels = data.labels.elements(of: Int64.self)
    let kept = data.selecting(labels.indices.filter { (labels[$0] % 2 == 1) == odd })
    let halved = kept.labels.elements(of: Int64.self).map { $0 / 2 }
    return Dataset(features: kept.features, labels: Tensor(vector: halved))
  }
}
