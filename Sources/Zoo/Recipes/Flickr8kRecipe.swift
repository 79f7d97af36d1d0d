import Datasets
import ONNXFormat
import Storage
import Training

/// Trains the captioner's network on Flickr8k at 64 x 64 pixels, from nothing: no weights of a larger network go in.
///
/// `bleu_1` to `bleu_4` are corpus BLEU of the test pictures' captions against their five sentences each, in percent, lower-cased words
/// without punctuation; `bleu_4_constant` is that of always giving the training part's most common sentence. The licence of the
/// pictures allows research only: the model is not shipped.
package struct Flickr8kRecipe: Recipe {
  package let name = "captioner-flickr8k"
  package let summary = "Captions of Flickr8k at 64 x 64: the captioner's network on photographs"
  package let dataSets = ["flickr8k"]
  package let defaultEpochs = 8
  package let defaultSeed: UInt64 = 42

  package init() {}

  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    try VersionPath.checkIsFree(request.modelFolder)
    let corpus = try Flickr8k(in: "\(request.dataFolder)/flickr8k")
    let training = try CaptionedImages(corpus, .training).normalised()
    let test = try CaptionedImages(corpus, .test).normalised()
    let sentences = training.captions.flatMap { $0 }
    let text = sentences.joined(separator: "\n")
    let references = test.captions.map { $0.map(Self.words) }
    func bleu(_ captions: [[String]]) -> BLEU {
      var bleu = BLEU()
      for (caption, expected) in zip(captions, references) {
        bleu.add(candidate: caption, references: expected)
      }
      return bleu
    }
    let constant = Self.mostCommon(sentences)
    try report(.message("most common sentence of the training part: \(constant)"))
    return try CaptionRun(
      recipe: self,
      training: training,
      validation: try CaptionedImages(corpus, .validation).normalised(),
      test: test,
      vocabulary: .words(in: sentences, rule: WordRule(), minimumCount: 5),
      data: .init(name: "flickr8k", sha256: SHA256.hexDigest(of: Array(text.utf8))),
      lengthMax: 32,
      filters: [32, 64, 128],
      embeddingSize: 128,
      units: 256,
      dropout: 0.4,
      isFlipping: true,
      batchSize: 64,
      peakRate: 0.002,
      beamWidth: 3
    ) { captions in
      let scored = bleu(captions.map(Self.words))
      let same = captions.map { _ in Self.words(constant) }
      var metrics = ["bleu_4_constant": 100 * bleu(same).score()]
      for order in 1...BLEU.orderMax {
        metrics["bleu_\(order)"] = 100 * scored.score(order: order)
      }
      return metrics
    }.run(request, report: report)
  }

  private static func words(_ sentence: String) -> [String] {
    sentence.split(separator: " ").map(String.init)
  }

  /// Of equally common ones the lower in bytes.
  private static func mostCommon(_ sentences: [String]) -> String {
    var counts: [String: Int] = [:]
    for sentence in sentences { counts[sentence, default: 0] += 1 }
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ""
  }
}

extension CaptionedImages {
  /// The same pictures; sentences in lower case, words of letters and digits alone, as captions are usually scored.
  fileprivate func normalised() -> CaptionedImages {
    var result = self
    result.captions = captions.map { $0.map(Self.normalised) }
    return result
  }

  private static func normalised(_ sentence: String) -> String {
    WordRule(isLowerCased: true).words(of: sentence).filter { word in
      word.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || $0.properties.numericType != nil
      }
    }.joined(separator: " ")
  }
}
