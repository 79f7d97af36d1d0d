import Datasets
import GraphIR
import NN
import ONNXFormat
import Storage
import Tensors
import Training

/// Trains a language model of characters on tiny Shakespeare, by truncated back-propagation through time with carried state.
///
/// The first nine tenths of the text are learned, the last tenth is measured after every epoch, read from its beginning to its end with
/// carried state: `validation_loss` is in nats per character. Early stopping keeps the best epoch.
package struct CharacterModelRecipe: Recipe {
  package let name = "char-lm"
  package let summary = "Tiny Shakespeare, character by character: LSTM, AdamW"
  package let dataSets = ["tinyshakespeare"]
  package let defaultEpochs = 24
  package let defaultSeed: UInt64 = 42

  private let streams = 64
  private let window = 128
  private let peakRate: Float = 0.004
  private let optimizer = Adam.adamW(decay: 0.01)

  package init() {}

  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    try VersionPath.checkIsFree(request.modelFolder)
    let file = "\(request.dataFolder)/tinyshakespeare/input.txt"
    let texts = try TinyShakespeare.read(contentsOf: file)
    let vocabulary = Vocabulary.characters(in: [texts.training])
    let training = try batches(texts.training, vocabulary)
    let validation = try batches(texts.validation, vocabulary)
    let seed = request.seed ?? defaultSeed
    let epochs = request.epochs ?? defaultEpochs
    let model = LanguageModel(
      tokenCount: vocabulary.count,
      embeddingSize: 64,
      stack: RecurrentStack(
        Recurrent("recurrent", .lstm, units: 512, recurrentDropout: 0.2),
        depth: 1
      ),
      dropout: 0.3,
      seed: seed
    )
    let options = request.options(
      epochs: epochs,
      batchesPerEpoch: training.batchesPerPass,
      batchSize: streams,
      seed: seed,
      peakRate: peakRate,
      best: .loss
    )
    let trainer = try Trainer(
      model.trainingGraph(streams: streams, optimizer, clipping: .globalNorm(1)),
      options: options,
      batches: training,
      evaluation: model.evaluationGraph(streams: streams),
      validation: validation
    )
    guard try request.train(trainer, report: report) else { return RecipeResult(metrics: [:]) }
    let weights = try trainer.variables().roundedToHalves()
    let evaluator = try Evaluator(
      model.evaluationGraph(streams: streams),
      threads: request.threads
    )
    try evaluator.setVariables(weights)
    let metrics = ["validation_loss": try evaluator.evaluate(validation).loss]
    guard let folder = request.modelFolder else { return RecipeResult(metrics: metrics) }
    let data = ModelManifest.DataReference(
      name: "tinyshakespeare",
      sha256: SHA256.hexDigest(
        of: try FileAccess.read(file, byteCountMax: TinyShakespeare.byteCountMax)
      )
    )
    let record = ModelManifest.TrainingRecord(of: self, data, options, optimizer, trainer.history)
    let ids = vocabulary.encode("First Citizen:\n").ids.map(Int64.init)
    let example = Tensor(ids, [1, ids.count])
    try SequenceFolder(
      task: .textGeneration,
      main: model.servingGraph(weights: weights),
      format: .init(
        tokens: "tokens",
        state: DecoderStates.pairs(of: model.stack),
        // A new line comes before every text; the start token is never seen in training.
        start: vocabulary.encode("\n").ids.first,
        sourceLengthMax: 4096,
        lengthMax: 4096
      ),
      vocabularies: [.target: vocabulary],
      training: record,
      metrics: metrics,
      description: summary,
      examples: ["tokens": example]
    ).write(to: folder)
    return RecipeResult(metrics: metrics, modelFolder: folder)
  }

  private func batches(
    _ text: String,
    _ vocabulary: Vocabulary
  ) throws(FormatError) -> StreamBatches {
    let ids = vocabulary.encode(text).ids.map { Int32($0) }
    guard let cut = TokenStreams(ids, streams: streams, window: window) else {
      throw FormatError("text", "\(ids.count) characters are too few for \(streams) streams")
    }
    return StreamBatches(cut)
  }
}
