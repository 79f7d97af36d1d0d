import GraphIR
import Storage
import Tensors

extension ModelManifest {
  /// Checks the keys of sequence models: `sequence`, `text`, `forecast`, and that the task has what it needs.
  ///
  /// - Throws: `FormatError` naming the key, what stands there and what may.
  func validateSequences() throws(FormatError) {
    if let text { try validate(text) }
    if let forecast { try validate(forecast) }
    if let sequence { try validate(sequence) }
    if let sequenceTask { try validateParts(of: sequenceTask) }
  }

  private func refuse(_ detail: String) -> FormatError { FormatError("model.json", detail) }

  // MARK: - What a task needs

  private func validateParts(of task: SequenceTask) throws(FormatError) {
    func need(_ isThere: Bool, _ key: String) throws(FormatError) {
      guard isThere else { throw refuse("task '\(task.rawValue)' needs the key \(key)") }
    }
    guard let sequence else { throw refuse("task '\(task.rawValue)' needs the key sequence") }
    try need(!task.hasSourceText || text?.source != nil, "text.source")
    try need(!task.hasTargetText || text?.target != nil, "text.target")
    try need(!task.hasEncoder || graphs["encoder"] != nil, "graphs.encoder")
    try need(task != .imageCaptioning || preprocessing?.image != nil, "preprocessing.image")
    try need(task != .translation || sequence.sourceLengthMax != nil, "sequence.source_length_max")
    try need(!task.hasTargetText || sequence.start != nil, "sequence.start")
    if task == .forecasting {
      try need(sequence.values != nil, "sequence.values")
      try need(roles["forecast"] != nil, "roles.forecast")
      try need(forecast != nil, "forecast")
    } else {
      try need(sequence.tokens != nil, "sequence.tokens")
      try need(roles["logits"] != nil, "roles.logits")
    }
    guard !sequence.labelsWords || task == .tokenClassification else {
      throw refuse("task '\(task.rawValue)' has no sequence.labels_words")
    }
    if !task.isDecoded {
      try need(sequence.lengths != nil, "sequence.lengths")
      try need(labels != nil, "labels")
      guard sequence.state.isEmpty, sequence.context.isEmpty else {
        throw refuse("task '\(task.rawValue)' has no sequence.state and no sequence.context")
      }
    }
  }

  // MARK: - sequence

  private func validate(_ sequence: SequenceFormat) throws(FormatError) {
    guard (sequence.tokens == nil) != (sequence.values == nil) else {
      throw refuse("sequence has exactly one of tokens and values")
    }
    let inputs: [(String, String, DType)] =
      [
        ("tokens", sequence.tokens, DType.int64), ("values", sequence.values, .float32),
        ("lengths", sequence.lengths, .int32),
      ].compactMap { key, name, dtype in name.map { (key, $0, dtype) } }
    for (key, name, dtype) in inputs {
      let field = try field(signature.inputs, "sequence.\(key)", name)
      guard field.dtype == dtype else {
        throw refuse("sequence.\(key): input '\(name)' is \(field.dtype), expected \(dtype)")
      }
    }
    try validateStates(sequence)
    try validateLengths(sequence)
    let named =
      inputs.map(\.1) + sequence.state.map(\.input) + sequence.context
    guard Set(named).count == named.count else {
      throw refuse("sequence names an input twice: \(named)")
    }
    for field in signature.inputs where !named.contains(field.name) {
      throw refuse("sequence does not say what input '\(field.name)' is")
    }
  }

  private func validateStates(_ sequence: SequenceFormat) throws(FormatError) {
    guard sequence.state.count <= SequenceFormat.statesMax,
      sequence.context.count <= SequenceFormat.statesMax
    else { throw refuse("sequence has more than \(SequenceFormat.statesMax) states or contexts") }
    for (index, pair) in sequence.state.enumerated() {
      let input = try field(signature.inputs, "sequence.state[\(index)].input", pair.input)
      let output = try field(signature.outputs, "sequence.state[\(index)].output", pair.output)
      guard input.dtype == .float32, output.dtype == .float32 else {
        throw refuse("sequence.state[\(index)]: '\(pair.input)' and '\(pair.output)' are float32")
      }
    }
    guard Set(sequence.state.map(\.output)).count == sequence.state.count else {
      throw refuse("sequence.state names an output twice")
    }
    for (index, name) in sequence.context.enumerated() {
      _ = try field(signature.inputs, "sequence.context[\(index)]", name)
    }
  }

  private func validateLengths(_ sequence: SequenceFormat) throws(FormatError) {
    let limit = SequenceFormat.lengthLimit
    for (key, length) in [
      ("source_length_max", sequence.sourceLengthMax), ("length_max", sequence.lengthMax),
    ] {
      guard let length else { continue }
      guard (1...limit).contains(length) else {
        throw refuse("sequence.\(key) is \(length), expected 1 to \(limit)")
      }
    }
    let logits = roles["logits"].flatMap { name in
      signature.outputs.first { $0.name == name }?.shape?.last?.size
    }
    for (key, id) in [("start", sequence.start), ("end", sequence.end)] {
      guard let id else { continue }
      let count = logits ?? Int(Int32.max)
      guard id >= 0, id < count else {
        throw refuse("sequence.\(key) is \(id), the logits have \(count) tokens")
      }
    }
  }

  private func field(
    _ fields: [TensorType],
    _ key: String,
    _ name: String
  ) throws(FormatError) -> TensorType {
    guard let field = fields.first(where: { $0.name == name }) else {
      throw refuse("\(key) names '\(name)', which the signature does not have")
    }
    return field
  }

  // MARK: - text and forecast

  private func validate(_ text: TextFiles) throws(FormatError) {
    var files: [String] = []
    for side in TextSide.allCases {
      guard let vocabulary = text[side] else { continue }
      files.append(vocabulary.file)
      guard Self.isValidName(vocabulary.file), vocabulary.file.hasSuffix(".json"),
        vocabulary.file != ModelFolder.manifestFile
      else {
        throw refuse(
          "text.\(side.rawValue).file '\(vocabulary.file)' is not the name of a vocabulary's .json file beside it"
        )
      }
      guard Self.isDigest(vocabulary.sha256) else {
        throw refuse(
          "text.\(side.rawValue).sha256 '\(vocabulary.sha256)' is not 64 lower-case hexadecimal digits"
        )
      }
    }
    guard Set(files).count == files.count else {
      throw refuse("text.source and text.target have the same file")
    }
  }

  private func validate(_ forecast: ForecastFormat) throws(FormatError) {
    guard forecast.mean.isFinite else { throw refuse("forecast.mean is \(forecast.mean)") }
    guard forecast.scale.isFinite, forecast.scale > 0 else {
      throw refuse("forecast.scale is \(forecast.scale), expected above 0")
    }
    if let season = forecast.season, !(1...SequenceFormat.lengthLimit).contains(season) {
      throw refuse("forecast.season is \(season), expected 1 to \(SequenceFormat.lengthLimit)")
    }
    guard let interval = forecast.interval else { return }
    guard interval.level > 0, interval.level < 1 else {
      throw refuse("forecast.interval.level is \(interval.level), expected between 0 and 1")
    }
    let count = interval.lower.count
    guard count == interval.upper.count, (1...SequenceFormat.lengthLimit).contains(count) else {
      throw refuse(
        "forecast.interval has \(count) lower and \(interval.upper.count) upper offsets: equally many, 1 to \(SequenceFormat.lengthLimit)"
      )
    }
    for step in 0..<count {
      // False also where one of them is not a number.
      guard interval.lower[step] <= interval.upper[step] else {
        throw refuse(
          "forecast.interval: lower[\(step)] \(interval.lower[step]) is above upper \(interval.upper[step])"
        )
      }
    }
  }
}
