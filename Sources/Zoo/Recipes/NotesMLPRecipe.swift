import Datasets
import Tensors
import Training

/// The experiment of the project's notes: 784-300-100-10, leaky ReLU, SGD 0.01, batches of 100, 100 batches an epoch, 20 epochs.
///
/// Batches come as from TensorFlow's `next_batch`: shuffled passes over the 55,000 pictures that its reader leaves for training (the
/// first 5,000 are its validation set). After each epoch the accuracy on the test pictures stands beside the notes' number.
package struct NotesMLPRecipe: Recipe {
  package let name = "mnist-mlp-notes"
  package let summary = "MNIST digits, the notes' MLP and SGD, accuracy beside their table"
  package let dataSets = [MNISTFolder.Name.mnist.rawValue]
  package let defaultEpochs = 20
  package let defaultSeed: UInt64 = 42

  package init() {}

  /// Test accuracies in the notes.
  package static let published = [
    0.642, 0.7824, 0.827, 0.8539, 0.8686, 0.8759, 0.8843, 0.8903, 0.8969, 0.9018, 0.9014, 0.9065,
    0.9078, 0.91, 0.911, 0.9123, 0.9141, 0.9149, 0.9159, 0.9174,
  ]

  private static let validationCount = 5000

  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    let contents = try MNISTFolder.read(.mnist, in: request.dataFolder)
    let all = contents.training.dataset.shaped([784])
    let training = all.selecting(min(Self.validationCount, all.count - 1)..<all.count)
    let test = contents.test.dataset.shaped([784])
    let classifier = Classifier(MLP.ofTheNotes, seed: request.seed ?? defaultSeed)
    let trainer = try Trainer(
      classifier.trainingGraph(SGD()),
      options: TrainingOptions(
        epochs: request.epochs ?? defaultEpochs,
        batchSize: 100,
        seed: classifier.seed,
        schedule: .constant(0.01),
        stepsPerEpoch: 100,
        threads: request.threads
      ),
      examples: training,
      evaluation: classifier.evaluationGraph(),
      validation: test
    )
    try report(.message("epoch  test accuracy  notes   difference"))
    var metrics: [String: Double] = [:]
    _ = try trainer.run(control: request.control) { event in
      try report(.training(event))
      guard case .epoch(let epoch) = event, let accuracy = epoch.validation?.accuracy else {
        return
      }
      metrics["test_accuracy"] = accuracy
      metrics["test_accuracy_epoch_\(epoch.epoch - 1)"] = accuracy
      try report(.message(Self.line(epoch.epoch - 1, accuracy)))
    }
    return RecipeResult(metrics: metrics)
  }

  /// Epochs are counted from 0, as in the notes.
  private static func line(_ epoch: Int, _ accuracy: Double) -> String {
    var text = padded("\(epoch)", 5) + "  " + padded(decimal(accuracy), 13)
    if published.indices.contains(epoch) {
      let difference = accuracy - published[epoch]
      text += "  " + decimal(published[epoch]) + "  "
      text += padded((difference < 0 ? "-" : "+") + decimal(abs(difference)), 10)
    }
    return text
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(width - text.count, 0)) + text
  }

  /// Four digits after the point.
  private static func decimal(_ number: Double) -> String {
    let scaled = Int((number * 10_000).rounded())
    let fraction = String(scaled % 10_000)
    return "\(scaled / 10_000)." + String(repeating: "0", count: 4 - fraction.count) + fraction
  }
}
