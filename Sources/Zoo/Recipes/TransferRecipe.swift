import Datasets
import GraphIR
import NN
import ONNXFormat
import Tensors
import Training

/// What a trained network is worth when there are few labels: LeNet-5 from digits to clothes, against LeNet-5 from scratch.
///
/// Each run draws 50 labelled pictures of each class of Fashion-MNIST's training set, the same ones for every way. Two ways fine-tune the
/// shipped digit network `models/lenet5/1` with a new head, both convolutions or the first one frozen; the third trains the same
/// architecture with fresh weights. The test pictures are only measured, never used to choose anything.
package struct TransferRecipe: Recipe {
  package let name = "lenet5-transfer"
  package let summary = "LeNet-5 from digits to 500 labelled clothes, against training from scratch"
  package let dataSets = [MNISTFolder.Name.fashionMNIST.rawValue]
  /// Of the longest way; each has its own number unless a request says one for all.
  package let defaultEpochs = 200
  package let defaultSeed: UInt64 = 1
  /// The network that is fine-tuned.
  package var parentFolder: String
  /// Runs of each way, with seeds that count up.
  package var runCount: Int

  static let labelsPerClass = 50

  package init(parentFolder: String = "models/lenet5/1", runCount: Int = 5) {
    self.parentFolder = parentFolder
    self.runCount = runCount
  }

  /// A way to get a classifier of clothes.
  struct Way: Sendable {
    var name: String
    /// Starts from the digit network.
    var isTransfer: Bool
    var options: FineTuningOptions
  }

  /// Mean and spread of test accuracies; the model folder of a request is not written.
  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    let parent = try FineTunableModel(
      ModelFolder.open(parentFolder).graph(initializersAs: .trainableVariables)
    )
    let contents = try MNISTFolder.read(.fashionMNIST, in: request.dataFolder)
    let all = contents.training.dataset
    let test = contents.test.dataset
    let ways = Self.ways(request)
    var accuracies = [[Double]](repeating: [], count: ways.count)
    try report(.message("seed  " + ways.map { Self.padded($0.name, 16) }.joined()))
    for run in 0..<UInt64(max(runCount, 1)) {
      let seed = (request.seed ?? defaultSeed) &+ run
      let few = all.selecting(
        Self.draw(all.labels.elements(of: Int64.self), Self.labelsPerClass, seed: seed)
      )
      var line = Self.padded("\(seed)", 4)
      for (index, way) in ways.enumerated() {
        var options = way.options
        options.seed = seed
        let start = way.isTransfer ? parent : try FineTunableModel(Self.freshGraph(seed: seed))
        let tuning = try FineTuning(start, options: options, training: few)
        let ended = try tuning.run(control: request.control)
        if ended.end == .stoppedOnRequest {
          try report(.message("stopped; the table is not complete"))
          return RecipeResult(metrics: [:])
        }
        let measured = try HeldOutEvaluator(
          tuning.model,
          task: .classification,
          weights: ended.weights,
          threads: request.threads
        ).evaluate(test)
        accuracies[index].append(measured.accuracy ?? 0)
        line += Self.padded(Self.percent(measured.accuracy ?? 0), 16)
      }
      try report(.message(line))
    }
    var metrics: [String: Double] = [:]
    for (way, values) in zip(ways, accuracies) {
      let (mean, deviation) = Self.spread(values)
      metrics["\(way.name)_accuracy"] = mean
      metrics["\(way.name)_deviation"] = deviation
      try report(
        .message("\(way.name): \(Self.percent(mean)) +- \(Self.percent(deviation)) over the runs")
      )
    }
    return RecipeResult(metrics: metrics)
  }

  /// Chosen by the accuracy on 3,000 training pictures over seeds 101 to 103, among 23 settings for the frozen trunk, 9 for the frozen first
  /// convolution and 23 from scratch: rates, epochs, dropout, decay, optimiser, augmentation (which gained nothing).
  private static func ways(_ request: RecipeRequest) -> [Way] {
    func options(
      freeze: [String],
      rate: Float,
      epochs: Int,
      dropout: Float,
      decay: Float
    ) -> FineTuningOptions {
      FineTuningOptions(
        newClassCount: 10,
        freeze: freeze,
        dropout: .rate(dropout),
        epochs: request.epochs ?? epochs,
        batchSize: 32,
        learningRate: .absolute(rate),
        weightDecay: decay,
        threads: request.threads
      )
    }
    return [
      Way(
        name: "frozen_trunk",
        isTransfer: true,
        options: options(freeze: ["conv*"], rate: 0.006, epochs: 200, dropout: 0.5, decay: 0.3)
      ),
      Way(
        name: "frozen_conv1",
        isTransfer: true,
        options: options(freeze: ["conv1"], rate: 0.004, epochs: 60, dropout: 0.3, decay: 0.3)
      ),
      Way(
        name: "scratch",
        isTransfer: false,
        options: options(freeze: [], rate: 0.002, epochs: 30, dropout: 0.3, decay: 0.01)
      ),
    ]
  }

  /// LeNet-5 with weights drawn from a seed.
  static func freshGraph(seed: UInt64) throws(GraphError) -> Graph {
    let architecture = LeNet5()
    var context = LayerContext(mode: .inference, seed: seed)
    let sizes = architecture.inputSizes.map(Dimension.known)
    let input = try context.graph.placeholder(
      "input",
      .float32,
      PartialShape([.symbol("N")] + sizes)
    )
    context.graph.outputs = [try architecture.logits(of: input, in: &context)]
    return context.graph
  }

  /// Positions of the same number of examples of each class, chosen by the seed.
  static func draw(_ labels: [Int64], _ countPerClass: Int, seed: UInt64) -> [Int] {
    var random = Philox(seed: seed, stream: 0x6472_6177)
    var counts: [Int64: Int] = [:]
    return random.permutation(labels.count).filter { position in
      counts[labels[position], default: 0] += 1
      return counts[labels[position], default: 0] <= countPerClass
    }
  }

  /// Mean and standard deviation (of a sample).
  static func spread(_ values: [Double]) -> (mean: Double, deviation: Double) {
    let mean = values.reduce(0, +) / Double(max(values.count, 1))
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / Double(max(values.count - 1, 1))).squareRoot())
  }

  static func percent(_ share: Double) -> String {
    "\((share * 10_000).rounded() / 100) %"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(width - text.count, 0)) + text
  }
}
