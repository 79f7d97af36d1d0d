import Datasets
import ONNXFormat
import Storage
import Training

/// Trains a captioner on drawn scenes; the test pictures show combinations of colour, shape and place that no training picture has.
package struct CaptionerRecipe: Recipe {
  package let name = "captioner"
  package let summary = "Captions of drawn scenes: convolutions, LSTM with additive attention"
  package let dataSets: [String] = []
  package let defaultEpochs = 7
  package let defaultSeed: UInt64 = 42

  private let trainingCount = 64_000
  private let heldOutCount = 2_000

  package init() {}

  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    try VersionPath.checkIsFree(request.modelFolder)
    let seed = request.seed ?? defaultSeed
    let training = try SceneSet(.training, seed: seed).pictures(trainingCount)
    let test = try SceneSet(.test, seed: seed).pictures(heldOutCount)
    let sentences = training.captions.map { $0[0] }
    let drawn = sentences.joined(separator: "\n")
    return try CaptionRun(
      recipe: self,
      training: training,
      validation: try SceneSet(.validation, seed: seed).pictures(heldOutCount),
      test: test,
      vocabulary: .words(in: sentences, rule: WordRule()),
      data: .init(name: "drawn by the recipe", sha256: SHA256.hexDigest(of: Array(drawn.utf8))),
      lengthMax: 32,
      filters: [16, 32, 64, 96],
      embeddingSize: 32,
      units: 128,
      dropout: 0.1,
      batchSize: 64,
      peakRate: 0.003,
      beamWidth: 1
    ) { captions in
      let truth = test.captions.map { $0[0] }
      return ["exact_match": SequenceScore.exactMatch(captions, truth) ?? 0]
    }.run(request, report: report)
  }
}
