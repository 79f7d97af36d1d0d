import Datasets
import GraphIR
import ONNXFormat
import Tensors
import Training

/// A training of a network that labels texts or words, from the batches to the version's folder.
///
/// Early stopping keeps the epoch with the highest validation accuracy; the test part is measured once, at the end.
struct TextLabellerRun {
  var recipe: any Recipe
  var model: TextLabeller
  var training: SequenceBatches
  var validation: SequenceBatches
  var batchSize: Int
  var peakRate: Float
  var clipping: GradientClipping
  var labels: [String]
  var vocabulary: Vocabulary
  /// Tokens of the longest text.
  var lengthMax: Int
  var data: ModelManifest.DataReference
  /// What the folder's golden example reads.
  var example: [Int]
  /// Measures the trained network on the test part, by its variables.
  var score: ([String: Tensor]) throws -> [String: Double]

  /// - Throws: As `Recipe.run`.
  func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    let epochs = request.epochs ?? recipe.defaultEpochs
    let optimizer = Adam()
    let options = request.options(
      epochs: epochs,
      batchesPerEpoch: training.batchesPerPass,
      batchSize: batchSize,
      seed: model.seed,
      peakRate: peakRate,
      best: .accuracy
    )
    let trainer = try Trainer(
      model.trainingGraph(optimizer, clipping: clipping),
      options: options,
      batches: training,
      evaluation: model.evaluationGraph(),
      validation: validation
    )
    guard try request.train(trainer, report: report) else { return RecipeResult(metrics: [:]) }
    let weights = try trainer.variables().roundedToHalves()
    var metrics = try score(weights)
    metrics["validation_accuracy"] = trainer.history.compactMap { $0.validation?.accuracy }.max()
    guard let folder = request.modelFolder else { return RecipeResult(metrics: metrics) }
    let record = ModelManifest.TrainingRecord(of: recipe, data, options, optimizer, trainer.history)
    try SequenceFolder(
      task: model.output == .text ? .textClassification : .tokenClassification,
      main: model.servingGraph(weights: weights),
      format: .init(
        tokens: "tokens",
        lengths: "lengths",
        labelsWords: model.output != .text,
        lengthMax: lengthMax
      ),
      vocabularies: [.source: vocabulary],
      labels: labels,
      training: record,
      metrics: metrics,
      description: recipe.summary,
      examples: [
        "tokens": Tensor(example.map { Int64($0) }, [1, example.count]),
        "lengths": Tensor(vector: [Int32(example.count)]),
      ]
    ).write(to: folder)
    return RecipeResult(metrics: metrics, modelFolder: folder)
  }
}
