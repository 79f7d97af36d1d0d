import Datasets
import Engine
import GraphIR
import NN
import ONNXFormat
import Storage
import Tensors
import Training

/// Trains a network that divides sentences into phrases: CoNLL-2000 from the words alone, byte pairs, deep bidirectional LSTM.
///
/// Every word is encoded by itself and labelled at its first token. In training a second output learns the parts of speech, which
/// nobody needs to know later. `test_f1` is the F1 of whole chunks in percent on the shared task's test part, as conlleval counts.
package struct ChunkerRecipe: Recipe {
  package let name = "chunker"
  package let summary =
    "CoNLL-2000 phrases from words alone: two bidirectional LSTMs over byte pairs"
  package let dataSets = ["nltk-small"]
  package let defaultEpochs = 14
  package let defaultSeed: UInt64 = 42

  private let lengthMax = 512
  private let tokenCountMax = 3000
  private let embeddingSize = 100
  private let units = 144
  private let batchSize = 32
  /// Sentences of the training part that choose the epoch: every twelfth.
  private let validationStride = 12

  package init() {}

  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    try VersionPath.checkIsFree(request.modelFolder)
    let file = "\(request.dataFolder)/nltk-small/conll2000.zip"
    let (all, test) = try CoNLL2000.read(contentsOf: file)
    func part(isValidation: Bool) -> [CoNLL2000.Sentence] {
      all.indices.filter { ($0 % validationStride == 0) == isValidation }.map { all[$0] }
    }
    let training = part(isValidation: false)
    let labels = Set(training.flatMap(\.chunks)).sorted()
    let tags = Set(training.flatMap(\.partsOfSpeech)).sorted()
    let vocabulary = Vocabulary.bytePairs(
      in: training.lazy.flatMap { $0.words.map { " " + $0 } },
      countMax: tokenCountMax
    )
    func examples(_ sentences: [CoNLL2000.Sentence]) -> LabelledWords {
      LabelledWords(
        sentences.map { WordPieces($0.words, vocabulary) },
        labels: sentences.map { Self.numbers($0.chunks, among: labels) },
        auxiliaryLabels: sentences.map { Self.numbers($0.partsOfSpeech, among: tags) }
      )
    }
    let seed = request.seed ?? defaultSeed
    let model = TextLabeller(
      .tokens(auxiliaryCount: tags.count),
      labelCount: labels.count,
      tokenCount: vocabulary.count,
      embeddingSize: embeddingSize,
      stack: RecurrentStack(
        Recurrent("recurrent", .lstm, units: units, direction: .bidirectional),
        depth: 2,
        dropout: SequenceDropout(0.5)
      ),
      dropout: 0.5,
      averageDecay: 0.998,
      seed: seed
    )
    return try TextLabellerRun(
      recipe: self,
      model: model,
      training: examples(training).batches(size: batchSize, seed: seed),
      validation: examples(part(isValidation: true)).batches(size: 64, seed: nil),
      batchSize: batchSize,
      peakRate: 0.003,
      clipping: .globalNorm(5),
      labels: labels,
      vocabulary: vocabulary,
      lengthMax: lengthMax,
      data: .init(
        name: "conll2000",
        sha256: SHA256.hexDigest(
          of: try FileAccess.read(file, byteCountMax: CoNLL2000.byteCountMax)
        )
      ),
      example: WordPieces(test.first?.words ?? ["."], vocabulary).ids
    ) { weights in
      let tagger = try WordTagger(
        model.servingGraph(weights: weights),
        labels: labels,
        vocabulary: vocabulary,
        threads: request.threads
      )
      var score = ChunkScore()
      for sentence in test {
        score.add(truth: sentence.chunks, prediction: try tagger.labels(of: sentence.words))
      }
      return [
        "test_f1": 100 * score.overall.f1, "test_precision": 100 * score.overall.precision,
        "test_recall": 100 * score.overall.recall, "test_accuracy": score.accuracy,
      ]
    }.run(request, report: report)
  }

  /// Positions of names; a name that training does not have counts as the first.
  private static func numbers(_ names: [String], among all: [String]) -> [Int] {
    let positions = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1, $0) })
    return names.map { positions[$0] ?? 0 }
  }
}
