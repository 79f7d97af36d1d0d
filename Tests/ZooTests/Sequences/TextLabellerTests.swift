import Datasets
import Engine
import GraphIR
import NN
import ONNXFormat
import TestSupport
import Tensors
import Testing
import Training

@testable import Zoo

@Suite struct TextLabellerTests {
  private let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  private static let letters = ["a", "b", "c", "d", "e"]

  /// Words of which each is labelled by the word before it: `first` after nothing, else what that word is.
  private static func sentences(_ count: Int, stream: UInt64) -> [[String]] {
    var random = Philox(seed: 5, stream: stream)
    return (0..<count).map { _ in
      (0..<3 + Int(random.next() % 5)).map { _ in letters[Int(random.next() % 5)] + "xy" }
    }
  }

  private static func labels(_ words: [String]) -> [Int] {
    [0] + words.dropLast().map { $0.hasPrefix("a") || $0.hasPrefix("b") ? 1 : 2 }
  }

  private struct NamedRecipe: Recipe {
    let name = "words"
    let summary = "labels by the word before"
    let dataSets: [String] = []
    let defaultEpochs = 12
    let defaultSeed: UInt64 = 1
    func run(
      _ request: RecipeRequest,
      report: (RecipeEvent) throws -> Void
    ) throws -> RecipeResult { RecipeResult(metrics: [:]) }
  }

  @Test func wordsAreLabelledByWhatStandsBeforeThem() throws {
    let training = Self.sentences(200, stream: 1)
    let test = Self.sentences(40, stream: 2)
    let vocabulary = Vocabulary.bytePairs(in: training.map { $0.joined() }, countMax: 262)
    func examples(_ sentences: [[String]]) -> LabelledWords {
      let labels = sentences.map(Self.labels)
      return LabelledWords(
        sentences.map { WordPieces($0, vocabulary) },
        labels: labels,
        auxiliaryLabels: labels
      )
    }
    let model = TextLabeller(
      .tokens(auxiliaryCount: 3),
      labelCount: 3,
      tokenCount: vocabulary.count,
      embeddingSize: 8,
      stack: RecurrentStack(
        Recurrent("recurrent", .lstm, units: 12, direction: .bidirectional),
        depth: 1
      ),
      dropout: 0.1,
      averageDecay: 0.9,
      seed: 2
    )
    let names = ["first", "low", "high"]
    func tagger(_ weights: [String: Tensor]) throws -> WordTagger {
      try WordTagger(
        model.servingGraph(weights: weights),
        labels: names,
        vocabulary: vocabulary,
        threads: 1
      )
    }
    let run = TextLabellerRun(
      recipe: NamedRecipe(),
      model: model,
      training: try examples(training).batches(size: 8, seed: 1),
      validation: try examples(test).batches(size: 8, seed: nil),
      batchSize: 8,
      peakRate: 0.02,
      clipping: .globalNorm(1),
      labels: names,
      vocabulary: vocabulary,
      lengthMax: 64,
      data: .init(name: "drawn", sha256: String(repeating: "0", count: 64)),
      example: WordPieces(test[0], vocabulary).ids
    ) { weights in
      let tagger = try tagger(weights)
      var hits = 0.0
      var count = 0.0
      for words in test {
        for (label, truth) in zip(try tagger.labels(of: words), Self.labels(words)) {
          hits += label == names[truth] ? 1 : 0
          count += 1
        }
      }
      return ["test_accuracy": hits / count]
    }
    let path = temporary.path + "/words/1"
    let result = try run.run(RecipeRequest(dataFolder: "", modelFolder: path)) { _ in }
    let accuracy = try #require(result.metrics["test_accuracy"])
    #expect(accuracy > 0.97)
    // Validation is the same part, measured by the evaluation graph: the averages, counted by word.
    #expect(result.metrics["validation_accuracy"].map { abs($0 - accuracy) < 0.01 } == true)
    let folder = try ModelFolder.open(path)
    #expect(folder.manifest.sequence?.labelsWords == true)
    #expect(folder.manifest.task == "token-classification" && folder.manifest.labels == names)
  }
}
