import Datasets
import GraphIR
import NN
import ONNXFormat
import Storage
import Tensors
import Training

/// Trains a network that says whether a sentence of a film review praises or pans: sentence polarity 1.0, words, bidirectional GRU.
///
/// A tenth of the sentences, the same whatever the seed, is the test part, and another tenth chooses the epoch. The embeddings start
/// from naive Bayes' log-count ratios in some of their numbers, and what is measured and served is a moving average of the weights.
package struct SentimentRecipe: Recipe {
  package let name = "sentiment"
  package let summary =
    "Film reviews, praise or not: bidirectional GRU over words, pooled over time"
  package let dataSets = ["text-classification"]
  package let defaultEpochs = 8
  package let defaultSeed: UInt64 = 42

  /// Words of the longest sentence.
  private let lengthMax = 128
  /// Numbers of each embedding; the ratio stands in the first of them.
  private let embeddingSize = 100
  private let ratioWidth = 2
  private let ratioScale: Float = 0.3
  private let units = 64
  private let batchSize = 32
  /// The division of the sentences is a part of the task, not of the training.
  private let splitSeed: UInt64 = 2005

  package init() {}

  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    try VersionPath.checkIsFree(request.modelFolder)
    let folder = "\(request.dataFolder)/text-classification"
    let (positive, negative) = try SentencePolarity.read(in: folder)
    let texts = negative + positive
    let labels = negative.map { _ in Int64(0) } + positive.map { _ in Int64(1) }
    let parts = Parts(labels, seed: splitSeed)
    let vocabulary = Vocabulary.words(
      in: parts.training.map { texts[$0] },
      rule: WordRule(isLowerCased: true),
      minimumCount: 2
    )
    func examples(_ rows: [Int]) -> LabelledTexts {
      LabelledTexts(
        rows.map { texts[$0] },
        labels: rows.map { labels[$0] },
        vocabulary,
        lengthMax: lengthMax
      )
    }
    let seed = request.seed ?? defaultSeed
    let training = examples(parts.training)
    let test = examples(parts.test)
    let ratio = LogCountRatio(training, tokenCount: vocabulary.count)
    let model = TextLabeller(
      .text,
      labelCount: 2,
      tokenCount: vocabulary.count,
      embeddingSize: embeddingSize,
      vectors: ratio.vectors(
        size: embeddingSize,
        width: ratioWidth,
        scale: ratioScale,
        seed: seed
      ),
      stack: RecurrentStack(
        Recurrent("recurrent", .gru, units: units, direction: .bidirectional),
        depth: 1
      ),
      dropout: 0.5,
      tokenDropout: 0.3,
      averageDecay: 0.998,
      seed: seed
    )
    return try TextLabellerRun(
      recipe: self,
      model: model,
      training: training.batches(size: batchSize, seed: seed),
      validation: examples(parts.validation).batches(size: 128, seed: nil),
      batchSize: batchSize,
      peakRate: 0.001,
      clipping: .globalNorm(1),
      labels: ["negative", "positive"],
      vocabulary: vocabulary,
      lengthMax: lengthMax,
      data: .init(
        name: "rt-polarity",
        sha256: SHA256.hexDigest(of: Array(texts.joined(separator: "\n").utf8))
      ),
      example: test.tokens[0].map { Int($0) }
    ) { weights in
      let evaluator = try Evaluator(model.evaluationGraph(), threads: request.threads)
      try evaluator.setVariables(weights)
      let measured = try evaluator.evaluate(test.batches(size: 128, seed: nil))
      return ["test_accuracy": measured.accuracy ?? 0, "test_loss": measured.loss]
    }.run(request, report: report)
  }

  /// Rows of the sentences, both classes in the same shares in each part.
  private struct Parts {
    let training: [Int]
    let validation: [Int]
    let test: [Int]

    init(_ labels: [Int64], seed: UInt64) {
      let outer = Split(classes: labels, classCount: 2, validationFraction: 0.1, seed: seed)
      let rest = outer.training.sorted()
      let inner = Split(
        classes: rest.map { labels[$0] },
        classCount: 2,
        validationFraction: 1 / 9,
        seed: seed
      )
      test = outer.validation
      validation = inner.validation.map { rest[$0] }
      training = inner.training.map { rest[$0] }
    }
  }
}
