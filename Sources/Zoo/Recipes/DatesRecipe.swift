import Datasets
import NN
import ONNXFormat
import Storage
import Training

/// Trains an encoder-decoder to write dates as ISO 8601 does: `3rd of March 2021` to `2021-03-03`, character by character.
///
/// The sentences are drawn. The days of validation and test are never seen in training, in no way of writing them.
package struct DatesRecipe: Recipe {
  package let name = "dates"
  package let summary = "Written dates to ISO 8601, character by character: LSTM with attention"
  package let dataSets: [String] = []
  package let defaultEpochs = 12
  package let defaultSeed: UInt64 = 42

  private let trainingCount = 40_000
  private let heldOutCount = 2_000

  package init() {}

  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    try VersionPath.checkIsFree(request.modelFolder)
    let seed = request.seed ?? defaultSeed
    let training = pairs(trainingCount, heldOut: false, seed: seed, stream: 1)
    let validation = pairs(heldOutCount, heldOut: true, seed: seed, stream: 2)
    let test = pairs(heldOutCount, heldOut: true, seed: seed, stream: 3)
    let drawn = training.map { "\($0.source)\t\($0.target)\n" }.joined()
    return try TextPairRun(
      recipe: self,
      training: training,
      validation: validation,
      test: test,
      source: .characters(in: training.map(\.source)),
      target: .characters(in: training.map(\.target)),
      data: .init(name: "drawn by the recipe", sha256: SHA256.hexDigest(of: Array(drawn.utf8))),
      lengthMax: 48,
      embeddingSize: 32,
      units: 128,
      attention: .dot,
      batchSize: 64,
      peakRate: 0.004,
      beamWidth: 1
    ) { answers in
      ["exact_match": SequenceScore.exactMatch(answers, test.map(\.target)) ?? 0]
    }.run(request, report: report)
  }

  private func pairs(_ count: Int, heldOut: Bool, seed: UInt64, stream: UInt64) -> [SentencePair] {
    var sentences = DateSentences(seed: seed, stream: stream)
    return (0..<count).map { _ in
      let date = sentences.next(heldOut: heldOut)
      return SentencePair(source: date.written, target: date.iso)
    }
  }
}
