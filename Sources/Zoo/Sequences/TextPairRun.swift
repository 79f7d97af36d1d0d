import Datasets
import GraphIR
import NN
import ONNXFormat
import Storage
import Tensors
import Training

/// A training of an encoder-decoder on sentence pairs, from the sentences to the version's folder.
///
/// Early stopping keeps the epoch with the lowest validation loss; the test pairs are translated once, at the end.
struct TextPairRun {
  var recipe: any Recipe
  var training: [SentencePair]
  var validation: [SentencePair]
  var test: [SentencePair]
  var source: Vocabulary
  var target: Vocabulary
  var data: ModelManifest.DataReference
  /// Tokens of the longest source, and of the longest answer.
  var lengthMax: Int
  /// Of both embeddings.
  var embeddingSize: Int
  /// H of the layer on either side.
  var units: Int
  var attention: Attention.Score?
  var dropout: Float = 0
  var labelSmoothing: Float = 0
  var batchSize: Int
  var peakRate: Float
  /// With which the test sources are answered.
  var beamWidth: Int
  /// Metrics of the test answers, in the order of `test`.
  var score: ([String]) -> [String: Double]

  /// - Throws: As `Recipe.run`.
  func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    let seed = request.seed ?? recipe.defaultSeed
    let epochs = request.epochs ?? recipe.defaultEpochs
    let optimizer = Adam()
    let model = network(seed: seed)
    let batches = try pairs(training).batches(size: batchSize, seed: seed)
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
      validation: pairs(validation).batches(size: batchSize, seed: nil)
    )
    guard try request.train(trainer, report: report) else { return RecipeResult(metrics: [:]) }

    let weights = try trainer.variables().roundedToHalves()
    let (encoder, main) = (
      try model.encoderGraph(weights: weights), try model.decoderGraph(weights: weights)
    )
    let decoder = try TrainedDecoder(
      main: main,
      encoder: encoder,
      format: format,
      threads: request.threads
    )
    let sources = test.map { sourceTensors($0.source) }
    let answers = try decoder.answers(to: sources, beamWidth: beamWidth).map { target.decode($0) }
    for (pair, answer) in zip(test, answers).prefix(5) {
      try report(.message("  \(pair.source)\n    -> \(answer)\n       (\(pair.target))"))
    }
    var metrics = score(answers)
    metrics["validation_loss"] = trainer.history.compactMap { $0.validation?.loss }.min()
    guard let folder = request.modelFolder else { return RecipeResult(metrics: metrics) }
    let record = ModelManifest.TrainingRecord(of: recipe, data, options, optimizer, trainer.history)
    try SequenceFolder(
      task: .translation,
      main: main,
      encoder: encoder,
      format: format,
      vocabularies: [.source: source, .target: target],
      training: record,
      metrics: metrics,
      description: recipe.summary,
      examples: sources[0]
    ).write(to: folder)
    return RecipeResult(metrics: metrics, modelFolder: folder)
  }

  private var format: ModelManifest.SequenceFormat {
    let network = network(seed: 0)
    return .init(
      tokens: "tokens",
      state: DecoderStates.pairs(of: network.stack),
      context: network.contextNames,
      start: Vocabulary.start,
      end: Vocabulary.end,
      sourceReversed: true,
      sourceLengthMax: lengthMax,
      lengthMax: lengthMax
    )
  }

  private func network(seed: UInt64) -> EncoderDecoder {
    EncoderDecoder(
      encoder: TextEncoder(
        tokenCount: source.count,
        embeddingSize: embeddingSize,
        units: units,
        dropout: dropout
      ),
      tokenCount: target.count,
      embeddingSize: embeddingSize,
      stack: RecurrentStack(Recurrent("recurrent", .lstm, units: units), depth: 1),
      attention: attention,
      dropout: dropout,
      labelSmoothing: labelSmoothing,
      seed: seed
    )
  }

  private func pairs(_ sentences: [SentencePair]) -> TextPairs {
    TextPairs(sentences, source: source, target: target, format: format)
  }

  /// A source that is too long is cut: it counts in the score all the same.
  private func sourceTensors(_ text: String) -> [String: Tensor] {
    let ids = source.encode(text).ids.prefix(lengthMax).map { Int32($0) }
    return TextPairs.tensors(ids.reversed(), format: format)
  }
}
