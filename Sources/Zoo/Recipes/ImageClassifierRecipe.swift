import Datasets
import NN
import ONNXFormat
import Storage
import Tensors
import Training

/// Trains a classifier of MNIST's or Fashion-MNIST's pictures for a fixed number of epochs on all training examples.
///
/// The learning rate rises for a twentieth of the steps and falls along a cosine to 0. The test examples are only measured, never used to
/// choose anything.
package struct ImageClassifierRecipe: Recipe {
  package let name: String
  package let summary: String
  package let defaultEpochs: Int
  package let defaultSeed: UInt64
  package var dataSets: [String] { [dataSet.rawValue] }

  let dataSet: MNISTFolder.Name
  let architecture: any Architecture
  let batchSize: Int
  let peakRate: Float
  let optimizer: any Optimizer

  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    try VersionPath.checkIsFree(request.modelFolder)
    let contents = try MNISTFolder.read(dataSet, in: request.dataFolder)
    let training = contents.training.dataset.shaped(architecture.inputSizes)
    let test = contents.test.dataset.shaped(architecture.inputSizes)
    let epochs = request.epochs ?? defaultEpochs
    let seed = request.seed ?? defaultSeed
    let classifier = Classifier(architecture, seed: seed)
    let options = request.options(
      epochs: epochs,
      batchesPerEpoch: (training.count + batchSize - 1) / batchSize,
      batchSize: batchSize,
      seed: seed,
      peakRate: peakRate,
      best: nil
    )
    let trainer = try Trainer(
      classifier.trainingGraph(optimizer),
      options: options,
      examples: training,
      evaluation: classifier.evaluationGraph(),
      validation: test
    )
    guard try request.train(trainer, report: report) else { return RecipeResult(metrics: [:]) }

    let weights = try trainer.variables().roundedToHalves()
    let evaluator = try Evaluator(classifier.evaluationGraph(), threads: request.threads)
    try evaluator.setVariables(weights)
    let measured = try evaluator.evaluate(test)
    let metrics = [
      "test_accuracy": measured.accuracy ?? 0, "test_loss": measured.loss,
    ]
    guard let folder = request.modelFolder else { return RecipeResult(metrics: metrics) }
    let data = ModelManifest.DataReference(name: dataSet.rawValue, sha256: contents.sha256)
    let record = ModelManifest.TrainingRecord(of: self, data, options, optimizer, trainer.history)
    try ClassifierFolder.write(
      to: folder,
      graph: classifier.servingGraph(weights: weights),
      labels: dataSet.labels,
      image: ImagePreprocessing(
        channels: 1,
        height: contents.test.height,
        width: contents.test.width
      ),
      training: record,
      metrics: metrics,
      description: summary,
      examples: test.selecting(0..<min(8, test.count)).features
    )
    return RecipeResult(metrics: metrics, modelFolder: folder)
  }
}

extension ImageClassifierRecipe {
  /// The notes' sizes with what they recommend: at least 98.3 % on MNIST's test pictures.
  package static let mnistMLP = ImageClassifierRecipe(
    name: "mnist-mlp",
    summary: "MNIST digits, 784-300-100-10: He, ELU, batch norm, dropout, AdamW",
    defaultEpochs: 30,
    defaultSeed: 42,
    dataSet: .mnist,
    architecture: MLP.regularised,
    batchSize: 256,
    peakRate: 0.01,
    optimizer: Adam.adamW(decay: 0.1)
  )

  /// At least 99.1 % on MNIST's test pictures.
  package static let lenet5 = ImageClassifierRecipe(
    name: "lenet5",
    summary: "MNIST digits, LeNet-5 with ReLU, dropout, AdamW",
    defaultEpochs: 15,
    defaultSeed: 42,
    dataSet: .mnist,
    architecture: LeNet5(),
    batchSize: 128,
    peakRate: 0.003,
    optimizer: Adam.adamW(decay: 0.01)
  )

  /// At least 91.5 % on Fashion-MNIST's test pictures.
  package static let fashionCNN = ImageClassifierRecipe(
    name: "fashion-cnn",
    summary: "Fashion-MNIST clothes, three convolutions with batch norm, AdamW",
    defaultEpochs: 10,
    defaultSeed: 42,
    dataSet: .fashionMNIST,
    architecture: FashionCNN(),
    batchSize: 128,
    peakRate: 0.003,
    optimizer: Adam.adamW(decay: 0.01)
  )
}

extension MNISTFolder.Name {
  /// Names of the classes in the order of their numbers.
  package var labels: [String] {
    switch self {
    case .mnist: (0..<10).map(String.init)
    case .fashionMNIST:
      [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
        "Ankle boot",
      ]
    }
  }
}

extension Dataset {
  /// The same examples with features of other sizes.
  func shaped(_ sizes: [Int]) -> Dataset {
    Dataset(features: features.reshaped(to: Shape([count] + sizes)), labels: labels)
  }
}
