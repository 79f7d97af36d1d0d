package import Training

/// A training that anyone can repeat: data, network, optimiser and numbers under one name.
package protocol Recipe: Sendable {
  /// As on the command line: `martlet train <name>`.
  var name: String { get }
  /// One line for the list of recipes.
  var summary: String { get }
  /// Folders needed under the data folder; none where the recipe makes its data.
  var dataSets: [String] { get }
  var defaultEpochs: Int { get }
  var defaultSeed: UInt64 { get }

  /// Trains, and writes the model where the request names a folder.
  ///
  /// - Throws: `FormatError` for missing data, `TrainingError`, what the engine throws.
  func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult
}

/// What a run of a recipe is asked for.
package struct RecipeRequest: Sendable {
  /// The folder that holds the recipe's data sets.
  package var dataFolder: String
  /// The version's folder to write, as `models/mnist-mlp/1`; nothing is written when `nil`.
  package var modelFolder: String?
  package var epochs: Int?
  package var seed: UInt64?
  package var threads: Int
  /// A checkpoint that is written after every epoch, and continued where it exists.
  package var checkpoint: String?
  /// Stops the training from another thread.
  package var control: TrainingControl

  package init(
    dataFolder: String,
    modelFolder: String? = nil,
    epochs: Int? = nil,
    seed: UInt64? = nil,
    threads: Int = 1,
    checkpoint: String? = nil,
    control: TrainingControl = TrainingControl()
  ) {
    self.dataFolder = dataFolder
    self.modelFolder = modelFolder
    self.epochs = epochs
    self.seed = seed
    self.threads = threads
    self.checkpoint = checkpoint
    self.control = control
  }
}

/// What a recipe tells while it runs.
package enum RecipeEvent: Sendable {
  /// A line for the reader.
  case message(String)
  case training(TrainingEvent)
}

/// What came of a recipe.
package struct RecipeResult: Sendable {
  /// By name, as in the manifest.
  package var metrics: [String: Double]
  /// The folder that was written.
  package var modelFolder: String?
}

/// All recipes.
package enum Recipes {
  package static let all: [any Recipe] = [
    PerceptronRecipe(),
    AddingProblemRecipe(),
    NotesMLPRecipe(),
    ImageClassifierRecipe.mnistMLP,
    ImageClassifierRecipe.lenet5,
    ImageClassifierRecipe.fashionCNN,
    TransferRecipe(),
    DigitsTransferRecipe(),
    CharacterModelRecipe(),
    DatesRecipe(),
    TranslationRecipe.withAttention,
    TranslationRecipe.withoutAttention,
    SentimentRecipe(),
    ChunkerRecipe(),
    ForecastRecipe.airline,
    ForecastRecipe.temperatures,
    CaptionerRecipe(),
    Flickr8kRecipe(),
    DQNRecipe.cartPole,
    DQNRecipe.smallCatch,
    DQNRecipe.natureCatch,
    TabularRecipe.frozenLake,
    TabularRecipe.taxi,
    MountainCarRecipe(),
    PolicyGradientRecipe.cartPole,
    GeneticPolicyRecipe.cartPole,
  ]

  /// The recipe of that name.
  package static func named(_ name: String) -> (any Recipe)? { all.first { $0.name == name } }
}
