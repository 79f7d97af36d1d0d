import Datasets
import GraphIR
import NN
import ONNXFormat
import Storage
import Tensors
import Training

/// A training of a captioner, from pictures with sentences to the version's folder.
///
/// Early stopping keeps the epoch with the lowest validation loss; the test pictures are captioned once, at the end.
struct CaptionRun {
  var recipe: any Recipe
  var training: CaptionedImages
  var validation: CaptionedImages
  var test: CaptionedImages
  var vocabulary: Vocabulary
  var data: ModelManifest.DataReference
  /// Tokens of the longest caption.
  var lengthMax: Int
  /// Of the encoder's convolutions.
  var filters: [Int]
  var embeddingSize: Int
  var units: Int
  var dropout: Float = 0
  var isFlipping = false
  var batchSize: Int
  var peakRate: Float
  /// With which the test pictures are captioned.
  var beamWidth: Int
  /// Metrics of the test captions, in the order of `test`.
  var score: ([String]) -> [String: Double]

  /// - Throws: As `Recipe.run`.
  func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    let seed = request.seed ?? recipe.defaultSeed
    let epochs = request.epochs ?? recipe.defaultEpochs
    let optimizer = Adam.adamW(decay: 0.01)
    let model = network(seed: seed)
    let batches = try batches(training, isFlipping: isFlipping, seed: seed)
    let options = request.options(
      epochs: epochs,
      batchesPerEpoch: batches.batchesPerPass,
      batchSize: batchSize,
      seed: seed,
      peakRate: peakRate,
      best: .loss
    )
    let trainer = try Trainer(
      model.trainingGraph(optimizer, clipping: .globalNorm(1)),
      options: options,
      batches: batches,
      evaluation: model.evaluationGraph(),
      validation: self.batches(validation, isFlipping: false, seed: nil)
    )
    guard try request.train(trainer, report: report) else { return RecipeResult(metrics: [:]) }

    let weights = try trainer.variables().roundedToHalves()
    let encoder = try model.encoderGraph(weights: weights)
    let main = try model.decoderGraph(weights: weights)
    let format = format(of: model)
    let decoder = try TrainedDecoder(
      main: main,
      encoder: encoder,
      format: format,
      threads: request.threads
    )
    let sources = try (0..<test.count).map { try imageTensors($0) }
    let captions = try decoder.answers(to: sources, beamWidth: beamWidth).map {
      vocabulary.decode($0)
    }
    for (caption, truth) in zip(captions, test.captions).prefix(5) {
      try report(.message("  \(caption)\n    (\(truth[0]))"))
    }
    var metrics = score(captions)
    metrics["validation_loss"] = trainer.history.compactMap { $0.validation?.loss }.min()
    guard let folder = request.modelFolder else { return RecipeResult(metrics: metrics) }
    let record = ModelManifest.TrainingRecord(of: recipe, data, options, optimizer, trainer.history)
    try SequenceFolder(
      task: .imageCaptioning,
      main: main,
      encoder: encoder,
      format: format,
      vocabularies: [.target: vocabulary],
      image: preprocessing,
      training: record,
      metrics: metrics,
      description: recipe.summary,
      examples: sources[0]
    ).write(to: folder)
    return RecipeResult(metrics: metrics, modelFolder: folder)
  }

  private var preprocessing: ImagePreprocessing {
    ImagePreprocessing(
      channels: training.channels,
      height: training.height,
      width: training.width,
      mean: [Double](repeating: 0.5, count: training.channels),
      deviation: [Double](repeating: 0.25, count: training.channels)
    )
  }

  private func format(of network: EncoderDecoder) -> ModelManifest.SequenceFormat {
    .init(
      tokens: "tokens",
      state: DecoderStates.pairs(of: network.stack),
      context: network.contextNames,
      start: Vocabulary.start,
      end: Vocabulary.end,
      lengthMax: lengthMax
    )
  }

  private func network(seed: UInt64) -> EncoderDecoder {
    EncoderDecoder(
      encoder: ImageEncoder(
        imageSizes: [training.channels, training.height, training.width],
        filters: filters,
        dropout: dropout
      ),
      tokenCount: vocabulary.count,
      embeddingSize: embeddingSize,
      stack: RecurrentStack(Recurrent("recurrent", .lstm, units: units), depth: 1),
      attention: .additive(units: units),
      dropout: dropout,
      seed: seed
    )
  }

  private func batches(
    _ images: CaptionedImages,
    isFlipping: Bool,
    seed: UInt64?
  ) throws(TrainingError) -> CaptionBatches {
    try CaptionBatches(
      images,
      vocabulary,
      preprocessing,
      lengthMax: lengthMax,
      batchSize: batchSize,
      isFlipping: isFlipping,
      seed: seed
    )
  }

  /// The encoder's input for a test picture.
  private func imageTensors(_ index: Int) throws -> [String: Tensor] {
    let row = try preprocessing.tensor(from: test.image(index))
    return ["image": row.reshaped(to: Shape([1] + row.shape.dimensions))]
  }
}
