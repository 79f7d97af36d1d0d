import Datasets
import NN
import ONNXFormat
import Storage
import Training

/// Trains an encoder-decoder to translate English descriptions of pictures into German: multi30k, byte pairs, source reversed.
///
/// `bleu` is the corpus BLEU-4 of test_2016_flickr in percent, on words with case and punctuation, by beam search.
package struct TranslationRecipe: Recipe {
  package let name: String
  package let summary: String
  package let dataSets = ["translation"]
  package let defaultEpochs = 20
  package let defaultSeed: UInt64 = 42

  let attention: Attention.Score?

  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    try VersionPath.checkIsFree(request.modelFolder)
    let folder = "\(request.dataFolder)/translation/multi30k"
    func read(_ part: Multi30k.Part) throws(FormatError) -> [SentencePair] {
      try Multi30k.read(part, in: folder, source: "en", target: "de")
    }
    let training = try read(.training)
    let test = try read(.test2016)
    let text = training.map { "\($0.source)\t\($0.target)\n" }.joined()
    let rule = WordRule()
    return try TextPairRun(
      recipe: self,
      training: training,
      validation: try read(.validation),
      test: test,
      source: .bytePairs(in: training.map(\.source), countMax: 4096),
      target: .bytePairs(in: training.map(\.target), countMax: 4096),
      data: .init(name: "multi30k en-de", sha256: SHA256.hexDigest(of: Array(text.utf8))),
      lengthMax: 64,
      embeddingSize: 128,
      units: 256,
      attention: attention,
      dropout: 0.3,
      labelSmoothing: 0.1,
      batchSize: 64,
      peakRate: 0.003,
      beamWidth: 5
    ) { answers in
      var bleu = BLEU()
      for (answer, pair) in zip(answers, test) {
        bleu.add(candidate: rule.words(of: answer), references: [rule.words(of: pair.target)])
      }
      return ["bleu": 100 * bleu.score()]
    }.run(request, report: report)
  }
}

extension TranslationRecipe {
  package static let withAttention = TranslationRecipe(
    name: "translate-en-de",
    summary: "English to German, multi30k: LSTM encoder-decoder with attention, source reversed",
    attention: .dot
  )

  package static let withoutAttention = TranslationRecipe(
    name: "translate-en-de-plain",
    summary: "English to German, multi30k: LSTM encoder-decoder without attention, source reversed",
    attention: nil
  )
}
