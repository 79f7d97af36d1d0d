import CommandLineTool
import Service

/// The flags of `martlet finetune` that say how to train: each is one member of the request.
enum FinetuneFlags {
  static let all: [CommandSpecification.Flag] = [
    .init("validation", value: "FILE", "held-out examples, uploaded like those of --data"),
    .init("validation-split", value: "SHARE", "share of the examples to hold out, 0 to 0.9"),
    .init("objective", value: "WORD", words(FineTuningSpecification.Objective.self)),
    .init("head", value: "WORD", "keep the last layer, or replace it for new labels"),
    .init("labels", value: "A,B,...", "names of the new labels; implies --head replace"),
    .init("freeze", value: "PATTERN,...", "layers that keep their weights, such as conv*"),
    .init("epochs", value: "N", "passes over the examples"),
    .init("batch-size", value: "N", "examples of a step"),
    .init("learning-rate", value: "RATE", "size of a step"),
    .init("learning-rate-multiplier", value: "FACTOR", "times the usual learning rate"),
    .init("optimizer", value: "WORD", words(FineTuningHyperparameters.Optimizer.self)),
    .init("weight-decay", value: "RATE", "how fast weights shrink"),
    .init("dropout", value: "on|off|RATE", "the network's own dropout, or one before the head"),
    .init("schedule", value: "WORD", words(FineTuningHyperparameters.Schedule.self)),
    .init("warmup", value: "SHARE", "share of the steps in which the rate rises, 0 to 0.9"),
    .init("clip-norm", value: "NORM", "largest norm of a gradient"),
    .init("patience", value: "N", "epochs without progress after which to stop"),
    .init("shift", value: "PIXELS", "pictures are shifted by up to so many pixels"),
    .init("flip", "pictures are mirrored half of the time"),
    .init("rotation", value: "DEGREES", "pictures are rotated by up to so much"),
    .init("noise", value: "DEVIATION", "normal noise on the pixels"),
    .init("seed", value: "N", "seeds the new head, the order, dropout and augmentation"),
    .init(
      "gate",
      value: "METRIC[:CHANGE]",
      "what must get better, and by how much: \(words(FineTuningSpecification.Metric.self))"
    ),
    .init(
      "promote",
      value: "WORD",
      "when the alias moves: \(words(FineTuningSpecification.Promotion.self))"
    ),
    .init("alias", value: "NAME", "the alias that moves", default: "stable"),
    .init("suffix", value: "TEXT", "a note for the new version"),
  ]

  /// The order that the flags make, apart from the files.
  ///
  /// - Throws: `UsageError` for a word or number that no server takes.
  static func order(
    _ arguments: Arguments,
    model: String,
    source: FineTuningOrder.Source
  ) throws -> FineTuningOrder {
    var order = FineTuningOrder(model: model, source: source)
    order.validationSplit = try arguments.number("validation-split", in: 0...0.9)
    order.objective = try word(arguments, "objective")
    order.labels = try list(arguments, "labels")
    order.head = try word(arguments, "head") ?? (order.labels == nil ? nil : .replace)
    order.freeze = try list(arguments, "freeze")
    order.epochs = try arguments.integer("epochs", in: 1...FineTuningRequest.epochCountMax)
    order.batchSize = try arguments.integer("batch-size", in: 1...FineTuningRequest.batchSizeMax)
    order.learningRate = try arguments.number("learning-rate", in: 0...1000)
    order.learningRateMultiplier = try arguments.number("learning-rate-multiplier", in: 0...1000)
    order.optimizer = try word(arguments, "optimizer")
    order.weightDecay = try arguments.number("weight-decay", in: 0...10)
    order.dropout = try dropout(arguments)
    order.schedule = try word(arguments, "schedule")
    order.warmUp = try arguments.number("warmup", in: 0...0.9)
    order.clipNorm = try arguments.number("clip-norm", in: 1e-6...1e6)
    order.patience = try arguments.integer("patience", in: 1...FineTuningRequest.epochCountMax)
    order.shift = try arguments.integer("shift", in: 0...64)
    if arguments.has("flip") { order.horizontalFlip = true }
    order.rotation = try arguments.number("rotation", in: 0...180)
    order.noise = try arguments.number("noise", in: 0...10)
    order.seed = try arguments.integer("seed", in: 0...1 << 53)
    try readGate(arguments, &order)
    order.promote = try word(arguments, "promote")
    order.alias = arguments.string("alias")
    order.suffix = arguments.string("suffix")
    return order
  }

  /// `METRIC` or `METRIC:CHANGE`.
  private static func readGate(_ arguments: Arguments, _ order: inout FineTuningOrder) throws {
    guard let text = arguments.string("gate") else { return }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    order.gateMetric = try word(String(parts[0]), "gate")
    guard parts.count == 2 else { return }
    guard let change = Double(parts[1]), (0...1e9).contains(change) else {
      throw UsageError("--gate METRIC:CHANGE needs a change from 0 up, got '\(text)'")
    }
    order.gateChange = change
  }

  private static func dropout(
    _ arguments: Arguments
  ) throws -> FineTuningHyperparameters.Dropout? {
    switch arguments.string("dropout") {
    case nil: return nil
    case "on": return .on
    case "off": return .off
    case let text?:
      guard let rate = Double(text), (0..<1).contains(rate) else {
        throw UsageError("--dropout must be on, off or a rate from 0 up to 1, got '\(text)'")
      }
      return .rate(rate)
    }
  }

  private static func list(_ arguments: Arguments, _ flag: String) throws -> [String]? {
    guard let text = arguments.string(flag) else { return nil }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard !parts.contains("") else {
      throw UsageError("--\(flag) must be names with commas between them, got '\(text)'")
    }
    return parts
  }

  private static func word<Word: RawRepresentable<String> & CaseIterable>(
    _ arguments: Arguments,
    _ flag: String
  ) throws -> Word? {
    try arguments.string(flag).map { try word($0, flag) }
  }

  private static func word<Word: RawRepresentable<String> & CaseIterable>(
    _ text: String,
    _ flag: String
  ) throws -> Word {
    guard let word = Word(rawValue: text) else {
      let known = Word.allCases.map(\.rawValue)
      throw UsageError(
        "--\(flag) must be one of \(known.joined(separator: ", ")), got '\(text)'\(Suggestion.text(for: text, among: known))"
      )
    }
    return word
  }

  private static func words<Word: RawRepresentable<String> & CaseIterable>(
    _ type: Word.Type
  ) -> String {
    Word.allCases.map(\.rawValue).joined(separator: ", ")
  }
}
