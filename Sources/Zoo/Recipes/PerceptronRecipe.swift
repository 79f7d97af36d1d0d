import Datasets
import GraphIR
import NN
import Tensors
import Training

/// Logic functions of two inputs: one unit learns AND, OR and NAND but not XOR; with a hidden layer XOR too.
package struct PerceptronRecipe: Recipe {
  package let name = "perceptron"
  package let summary = "AND, OR and NAND by one unit; XOR needs a hidden layer"
  package let dataSets: [String] = []
  package let defaultEpochs = 1000
  package let defaultSeed: UInt64 = 1

  package init() {}

  /// A logic function by its values at (0, 0), (0, 1), (1, 0), (1, 1).
  struct Task: Sendable {
    var name: String
    var truth: [Float]
    var hiddenUnits: Int?
  }

  static let tasks = [
    Task(name: "and", truth: [0, 0, 0, 1]),
    Task(name: "or", truth: [0, 1, 1, 1]),
    Task(name: "nand", truth: [1, 1, 1, 0]),
    Task(name: "xor", truth: [0, 1, 1, 0]),
    Task(name: "xor_hidden", truth: [0, 1, 1, 0], hiddenUnits: 4),
  ]

  /// The metrics are the numbers of the four cases that each function gets right, as shares.
  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    var metrics: [String: Double] = [:]
    for task in Self.tasks {
      let accuracy = try learn(task, request)
      metrics["\(task.name)_accuracy"] = accuracy
      let layers = task.hiddenUnits.map { "\($0) hidden units" } ?? "one unit"
      try report(.message("\(task.name) with \(layers): \(Int(accuracy * 4)) of 4 right"))
    }
    return RecipeResult(metrics: metrics)
  }

  private func learn(_ task: Task, _ request: RecipeRequest) throws -> Double {
    var context = LayerContext(mode: .training, seed: request.seed ?? defaultSeed)
    let x = try context.graph.placeholder("x", .float32, ["N", 2])
    let targets = try context.graph.placeholder("targets", .float32, ["N", 1])
    let logits = try Perceptron(hiddenUnits: task.hiddenUnits).logits(of: x, in: &context)
    let loss = try Loss.sigmoidCrossEntropy(logits: logits, targets: targets, in: &context)
    // Right where logit and target are on the same side: (logit > 0) == (target > 1/2).
    let predicted = try context.apply("Greater", logits, context.scalar(0))
    let wanted = try context.apply("Greater", targets, context.scalar(0.5))
    let hits = try context.apply("CastLike", context.apply("Equal", predicted, wanted), logits)
    let correct = try context.apply("ReduceSum", hits, attributes: ["keepdims": .int(0)])
    let graph = try TrainingGraph(
      context,
      inputs: [x, targets],
      loss: loss,
      correct: correct,
      optimizer: Momentum(0.9)
    )
    let data = Dataset(
      features: Tensor([Float(0), 0, 0, 1, 1, 0, 1, 1], [4, 2]),
      labels: Tensor(task.truth, [4, 1])
    )
    let trainer = try Trainer(
      graph,
      options: TrainingOptions(
        epochs: request.epochs ?? defaultEpochs,
        batchSize: 4,
        schedule: .constant(0.5)
      ),
      examples: data
    )
    let result = try trainer.run(control: request.control)
    return result.epochs.last?.training.accuracy ?? 0
  }
}
