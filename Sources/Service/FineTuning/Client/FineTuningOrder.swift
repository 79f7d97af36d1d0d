/// What a client asks for: writes the body that `FineTuningRequest` reads, without the members that were left open.
package struct FineTuningOrder: Sendable {
  /// Where the examples are.
  package enum Source: Equatable, Sendable {
    /// A file that the server has.
    case file(String)
    /// What clients have reported about earlier predictions.
    case feedback
  }

  package var model: String
  package var source: Source
  package var validationFile: String?
  package var validationSplit: Double?
  package var objective: FineTuningSpecification.Objective?
  package var head: FineTuningSpecification.Head?
  package var labels: [String]?
  package var freeze: [String]?
  package var epochs: Int?
  package var batchSize: Int?
  package var learningRate: Double?
  package var learningRateMultiplier: Double?
  package var optimizer: FineTuningHyperparameters.Optimizer?
  package var weightDecay: Double?
  package var dropout: FineTuningHyperparameters.Dropout?
  package var schedule: FineTuningHyperparameters.Schedule?
  package var warmUp: Double?
  package var clipNorm: Double?
  package var patience: Int?
  package var shift: Int?
  package var horizontalFlip: Bool?
  package var rotation: Double?
  package var noise: Double?
  package var seed: Int?
  package var gateMetric: FineTuningSpecification.Metric?
  package var gateChange: Double?
  package var promote: FineTuningSpecification.Promotion?
  package var alias: String?
  package var suffix: String?

  package init(model: String, source: Source) {
    self.model = model
    self.source = source
  }

  /// The body of `POST /admin/v1/fine_tuning/jobs`.
  package var body: JSONValue {
    let (file, data): (JSONValue?, JSONValue?) =
      switch source {
      case .file(let id): (.string(id), nil)
      case .feedback: (nil, ["feedback": .bool(true)])
      }
    return Self.object([
      ("model", .string(model)),
      ("training_file", file),
      ("data", data),
      ("validation_file", validationFile.map(JSONValue.string)),
      ("validation_split", validationSplit.map(JSONValue.number)),
      ("objective", Self.word(objective)),
      ("head", Self.word(head)),
      ("labels", Self.list(labels)),
      ("freeze", Self.list(freeze)),
      ("method", method),
      ("augmentation", augmentation),
      ("seed", Self.whole(seed)),
      ("gate", gate),
      ("promote", Self.word(promote)),
      ("alias", alias.map(JSONValue.string)),
      ("suffix", suffix.map(JSONValue.string)),
    ])
  }

  private var method: JSONValue? {
    let hyperparameters = Self.object([
      ("n_epochs", Self.whole(epochs)),
      ("batch_size", Self.whole(batchSize)),
      ("learning_rate", learningRate.map(JSONValue.number)),
      ("learning_rate_multiplier", learningRateMultiplier.map(JSONValue.number)),
      ("optimizer", Self.word(optimizer)),
      ("weight_decay", weightDecay.map(JSONValue.number)),
      ("dropout", dropoutValue),
      ("schedule", Self.word(schedule)),
      ("warmup_ratio", warmUp.map(JSONValue.number)),
      ("clip_norm", clipNorm.map(JSONValue.number)),
      ("early_stopping", patience.map { ["patience": .number(Double($0))] }),
    ])
    guard hyperparameters != .object([]) else { return nil }
    return ["type": "supervised", "supervised": ["hyperparameters": hyperparameters]]
  }

  private var dropoutValue: JSONValue? {
    switch dropout {
    case nil: nil
    case .on: .bool(true)
    case .off: .bool(false)
    case .rate(let rate): .number(rate)
    }
  }

  private var augmentation: JSONValue? {
    let members = Self.object([
      ("shift", Self.whole(shift)),
      ("horizontal_flip", horizontalFlip.map(JSONValue.bool)),
      ("rotation", rotation.map(JSONValue.number)),
      ("noise", noise.map(JSONValue.number)),
    ])
    return members == .object([]) ? nil : members
  }

  private var gate: JSONValue? {
    let members = Self.object([
      ("metric", Self.word(gateMetric)),
      ("minimum_change", gateChange.map(JSONValue.number)),
    ])
    return members == .object([]) ? nil : members
  }

  private static func object(_ members: [(String, JSONValue?)]) -> JSONValue {
    .object(members.compactMap { key, value in value.map { JSONValue.Member(key, $0) } })
  }

  private static func whole(_ number: Int?) -> JSONValue? {
    number.map { .number(Double($0)) }
  }

  private static func word(_ word: (some RawRepresentable<String>)?) -> JSONValue? {
    word.map { .string($0.rawValue) }
  }

  private static func list(_ texts: [String]?) -> JSONValue? {
    texts.map { .array($0.map(JSONValue.string)) }
  }
}
