extension ModelManifest {
  /// How the weights came about: enough to make them again.
  package struct TrainingRecord: Codable, Equatable, Sendable {
    /// Points that one curve may have.
    package static let curvePointsMax = 10_000

    package var recipe: String?
    package var seed: UInt64?
    package var data: DataReference?
    package var epochs: Int?
    package var batchSize: Int?
    package var optimizer: String?
    /// The command line that repeats the training.
    package var command: String?
    /// Everything else that was chosen, by the names that requests use, as `learning_rate` or `freeze`.
    package var hyperparameters: [String: Setting]?
    /// What was measured after each epoch, as `loss` or `validation_accuracy`; the numbers are finite.
    package var curves: [String: [Double]]?

    package init(
      recipe: String? = nil,
      seed: UInt64? = nil,
      data: DataReference? = nil,
      epochs: Int? = nil,
      batchSize: Int? = nil,
      optimizer: String? = nil,
      command: String? = nil,
      hyperparameters: [String: Setting]? = nil,
      curves: [String: [Double]]? = nil
    ) {
      self.recipe = recipe
      self.seed = seed
      self.data = data
      self.epochs = epochs
      self.batchSize = batchSize
      self.optimizer = optimizer
      self.command = command
      self.hyperparameters = hyperparameters
      self.curves = curves
    }

    private enum CodingKeys: String, CodingKey {
      case recipe, seed, data, epochs, optimizer, command, hyperparameters, curves
      case batchSize = "batch_size"
    }
  }

  /// The value of a hyper-parameter: a flag, a number, a text or a list of texts.
  package enum Setting: Codable, Equatable, Sendable {
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([String])

    package init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let flag = try? container.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else {
        self = .list(try container.decode([String].self))
      }
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .flag(let flag): try container.encode(flag)
      case .number(let number): try container.encode(number)
      case .text(let text): try container.encode(text)
      case .list(let list): try container.encode(list)
      }
    }
  }

  /// Training data by name and digest.
  package struct DataReference: Codable, Equatable, Sendable {
    package var name: String
    package var sha256: String

    package init(name: String, sha256: String) {
      self.name = name
      self.sha256 = sha256
    }
  }

  /// Where a version comes from.
  package struct Lineage: Codable, Equatable, Sendable {
    /// `<name>/<version>` of the model that was fine-tuned; `null` for one trained from scratch.
    package var parent: String?
    /// SHA-256 of the parent's model.onnx, lower-case hexadecimal.
    package var parentSHA256: String?
    /// The fine-tuning job that made the version, as `ftjob-...`; no other job publishes over it.
    package var job: String?

    package init(parent: String? = nil, parentSHA256: String? = nil, job: String? = nil) {
      self.parent = parent
      self.parentSHA256 = parentSHA256
      self.job = job
    }

    private enum CodingKeys: String, CodingKey {
      case parent, job
      case parentSHA256 = "parent_sha256"
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(parent, forKey: .parent)
      try container.encodeIfPresent(parentSHA256, forKey: .parentSHA256)
      try container.encodeIfPresent(job, forKey: .job)
    }
  }
}
