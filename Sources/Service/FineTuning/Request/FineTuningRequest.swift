import HTTP

/// The body of `POST /admin/v1/fine_tuning/jobs`: OpenAI's members and ours.
///
/// Every member is checked, none is ignored.
package struct FineTuningRequest {
  /// Where the training examples come from.
  package enum Source: Equatable {
    /// An uploaded file.
    case file(String)
    /// The bytes of the body from one offset up to another: `data` with `instances` and `labels` or `targets`.
    case inline(Range<Int>)
    /// What clients have reported about earlier predictions.
    case feedback
    /// What clients have told happened to them.
    case transitions
  }

  /// The name of a model, alone or with `/<version>` or `@<alias>`.
  package var model: String
  package var source: Source
  package var validationFile: String?
  package var validationSplit: Double?
  package var objective: FineTuningSpecification.Objective?
  package var head = FineTuningSpecification.Head.keep
  package var labels: [String]?
  package var freeze: [String] = []
  package var hyperparameters = FineTuningHyperparameters()
  /// How a policy learns; nil for a method that is not 'reinforcement'.
  package var reinforcement: ReinforcementHyperparameters?
  package var augmentation: FineTuningAugmentation?
  package var seed: UInt64?
  package var gate: FineTuningSpecification.Gate?
  package var promote = FineTuningSpecification.Promotion.ifBetter
  package var alias = "stable"
  package var suffix: String?
  package var metadata: [String: String] = [:]

  /// Largest number of labels in a request.
  package static let labelCountMax = 10_000
  /// Largest number of freeze patterns.
  package static let patternCountMax = 100
  /// OpenAI's limits of `metadata`.
  package static let metadataCountMax = 16
  package static let metadataKeyByteCountMax = 64
  package static let metadataValueByteCountMax = 512
  /// Epochs that a job may train at most.
  package static let epochCountMax = 10_000
  /// Examples in one mini-batch at most.
  package static let batchSizeMax = 8192

  /// Reads a body.
  ///
  /// - Throws: `AdminError` 400 that names the member that is wrong.
  package init(_ body: UnsafeRawBufferPointer) throws {
    var inline: Range<Int>?
    var isFeedback = false
    var plain: [JSONValue.Member] = []
    do {
      var cursor = JSONCursor(body)
      var reader = BodyMembers(reservesSignatureName: false)
      try reader.read(&cursor) { name, cursor in
        guard name == "data" else {
          var values = JSONValueReader()
          plain.append(JSONValue.Member(name, try values.value(&cursor)))
          return true
        }
        cursor.skipSpace()
        let start = cursor.offset
        try cursor.skipValue()
        isFeedback = try Self.asksForFeedback(cursor.bytes(from: start, to: cursor.offset))
        if !isFeedback { inline = start..<cursor.offset }
        return true
      }
    } catch let error as JSONError {
      throw AdminError.invalid("JSON parse error: \(error.message(in: body))")
    }
    var members = try JSONMembers(.object(plain))
    guard let model = try members.string("model"), !model.isEmpty else {
      throw AdminError.invalid(
        "'model' is missing: name the model to fine-tune, as in \"model\": \"lenet5\"",
        parameter: "model"
      )
    }
    self.model = model
    let file = try members.string("training_file")
    source = .transitions
    try readMethod(&members)
    if reinforcement == nil || file != nil || inline != nil || isFeedback {
      source = try Self.source(file: file, inline: inline, isFeedback: isFeedback)
    }
    validationFile = try members.string("validation_file")
    validationSplit = try members.number("validation_split", in: 0...0.9)
    if validationFile != nil, (validationSplit ?? 0) != 0 {
      throw AdminError.invalid(
        "'validation_split' and 'validation_file' exclude each other: send one of them",
        parameter: "validation_split"
      )
    }
    objective = try members.word("objective")
    try readHead(&members)
    freeze = try members.strings("freeze", countMax: Self.patternCountMax) ?? []
    if var object = try members.object("augmentation") { try readAugmentation(&object) }
    seed = try members.integer("seed", in: 0...Int(1 << 53)).map(UInt64.init)
    if var object = try members.object("gate") { try readGate(&object) }
    promote = try members.word("promote") ?? promote
    alias = try members.string("alias") ?? alias
    guard ModelName.isValid(alias) else {
      throw AdminError.invalid(
        "'alias' must be 1 to 128 of A-Z a-z 0-9 . _ - without a leading dot",
        parameter: "alias"
      )
    }
    suffix = try members.string("suffix", byteCountMax: 64)
    try readMetadata(&members)
    if let value = members.take("integrations"), value != [] {
      throw AdminError.invalid("'integrations' are not supported", parameter: "integrations")
    }
    try members.finish()
  }

  /// Whether `data` is `{"feedback": true}`; anything else is left to the reader of examples.
  private static func asksForFeedback(_ text: UnsafeRawBufferPointer) throws(JSONError) -> Bool {
    // Longer texts hold examples.
    guard text.count <= 64 else { return false }
    let value = try JSONValueReader.read(text)
    return value["feedback"] == .bool(true)
  }

  private static func source(
    file: String?,
    inline: Range<Int>?,
    isFeedback: Bool
  ) throws(AdminError) -> Source {
    switch (file, inline, isFeedback) {
    case (let file?, nil, false): return .file(file)
    case (nil, let range?, false): return .inline(range)
    case (nil, nil, true): return .feedback
    case (nil, nil, false):
      throw .invalid(
        "there are no examples: send 'training_file' with the id of an uploaded file, or 'data' with 'instances' and 'labels', or \"data\": {\"feedback\": true}",
        parameter: "training_file"
      )
    default:
      throw .invalid(
        "'training_file' and 'data' exclude each other: send one of them",
        parameter: "data"
      )
    }
  }

  /// `"keep"`, `"replace"`, or `{"type": "replace", "labels": [...]}`.
  private mutating func readHead(_ members: inout JSONMembers) throws(AdminError) {
    labels = try members.strings("labels", countMax: Self.labelCountMax)
    if let value = members.take("head") { try readHead(value, members) }
    guard let labels else { return }
    guard head == .replace else {
      throw .invalid("'labels' needs \"head\": \"replace\"", parameter: "labels")
    }
    guard labels.count >= 2, Set(labels.map { Array($0.utf8) }).count == labels.count,
      !labels.contains("")
    else {
      throw .invalid(
        "'labels' must be at least two different names that are not empty",
        parameter: "labels"
      )
    }
  }

  private mutating func readHead(
    _ value: JSONValue,
    _ members: borrowing JSONMembers
  ) throws(AdminError) {
    if case .object = value {
      var object = try JSONMembers(value, path: "head")
      head = try object.word("type") ?? .replace
      let inner = try object.strings("labels", countMax: Self.labelCountMax)
      if inner != nil, labels != nil {
        throw .invalid("'labels' is there twice: in 'head' and beside it", parameter: "labels")
      }
      labels = inner ?? labels
      try object.finish()
    } else if case .string(let text) = value,
      let word = FineTuningSpecification.Head(rawValue: text)
    {
      head = word
    } else {
      throw members.error("head", expected: "'keep', 'replace' or an object", found: value)
    }
  }

  /// How a model learns.
  private enum Method: String, CaseIterable {
    case supervised, reinforcement
  }

  /// `method.<type>.hyperparameters`, or OpenAI's older `hyperparameters`.
  private mutating func readMethod(_ members: inout JSONMembers) throws(AdminError) {
    let plain = try members.object("hyperparameters")
    guard var method = try members.object("method") else {
      if var plain { try readHyperparameters(&plain) }
      return
    }
    if try method.word("type", Method.self) == .reinforcement {
      guard plain == nil else {
        throw .invalid(
          "'hyperparameters' is for supervised learning: send 'method.reinforcement.hyperparameters'",
          parameter: "hyperparameters"
        )
      }
      reinforcement = ReinforcementHyperparameters()
      if var inner = try method.object("reinforcement") {
        if var object = try inner.object("hyperparameters") {
          reinforcement = try ReinforcementHyperparameters(&object)
        }
        try inner.finish()
      }
      return try method.finish()
    }
    if var plain { try readHyperparameters(&plain) }
    if var supervised = try method.object("supervised") {
      if var object = try supervised.object("hyperparameters") { try readHyperparameters(&object) }
      try supervised.finish()
    }
    try method.finish()
  }

  private mutating func readHyperparameters(
    _ object: inout JSONMembers
  ) throws(AdminError) {
    var result = FineTuningHyperparameters()
    result.epochs = try object.integer("n_epochs", in: 1...Self.epochCountMax)
    result.batchSize = try object.integer("batch_size", in: 1...Self.batchSizeMax)
    result.learningRate = try object.number("learning_rate", in: 0...1000)
    result.learningRateMultiplier = try object.number("learning_rate_multiplier", in: 0...1000)
    if result.learningRate != nil, result.learningRateMultiplier != nil {
      throw .invalid(
        "'learning_rate' and 'learning_rate_multiplier' exclude each other",
        parameter: object.name("learning_rate_multiplier")
      )
    }
    result.optimizer = try object.word("optimizer") ?? result.optimizer
    result.weightDecay = try object.number("weight_decay", in: 0...10)
    result.dropout = try readDropout(&object)
    result.schedule = try object.word("schedule") ?? result.schedule
    result.warmUp = try object.number("warmup_ratio", in: 0...0.9) ?? 0
    result.clipNorm = try object.number("clip_norm", in: 1e-6...1e6)
    if var stopping = try object.object("early_stopping") {
      result.patience = try stopping.integer("patience", in: 1...Self.epochCountMax)
      try stopping.finish()
    }
    try object.finish()
    hyperparameters = result
  }

  private func readDropout(
    _ object: inout JSONMembers
  ) throws(AdminError) -> FineTuningHyperparameters.Dropout? {
    switch object.take("dropout") {
    case nil: return nil
    case .bool(let isOn): return isOn ? .on : .off
    case .number(let rate) where (0..<1).contains(rate): return rate == 0 ? .off : .rate(rate)
    case let value?:
      throw object.error(
        "dropout",
        expected: "true, false or a rate from 0 up to 1",
        found: value
      )
    }
  }

  private mutating func readAugmentation(_ object: inout JSONMembers) throws(AdminError) {
    var result = FineTuningAugmentation()
    result.shift = try object.integer("shift", in: 0...64) ?? 0
    result.horizontalFlip = try object.flag("horizontal_flip") ?? false
    result.rotation = try object.number("rotation", in: 0...180) ?? 0
    result.noise = try object.number("noise", in: 0...10) ?? 0
    try object.finish()
    augmentation = result == FineTuningAugmentation() ? nil : result
  }

  private mutating func readGate(_ object: inout JSONMembers) throws(AdminError) {
    var result = FineTuningSpecification.Gate(
      metric: try object.word("metric") ?? .loss
    )
    result.minimumChange = try object.number("minimum_change", in: 0...1e9) ?? 0
    result.bound = try object.number("bound", in: -1e9...1e9)
    try object.finish()
    gate = result
  }

  private mutating func readMetadata(_ members: inout JSONMembers) throws(AdminError) {
    guard let value = members.take("metadata") else { return }
    let expected =
      "an object of at most \(Self.metadataCountMax) strings, keys up to \(Self.metadataKeyByteCountMax) bytes, values up to \(Self.metadataValueByteCountMax)"
    guard case .object(let entries) = value, entries.count <= Self.metadataCountMax else {
      throw members.error("metadata", expected: expected, found: value)
    }
    for entry in entries {
      guard case .string(let text) = entry.value,
        entry.key.utf8.count <= Self.metadataKeyByteCountMax,
        text.utf8.count <= Self.metadataValueByteCountMax
      else { throw members.error("metadata", expected: expected, found: entry.value) }
      metadata[entry.key] = text
    }
  }
}
