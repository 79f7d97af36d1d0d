import GraphIR
import ONNXFormat
import Training

/// What a job has made of a model of any kind, before it is written.
protocol FineTunedDraft {
  var specification: FineTuningSpecification { get }
  var job: String { get }
  var options: FineTuningOptions { get }
  /// Of the training file's content.
  var digest: String { get }
  var report: FineTuningReport { get }
  var decision: PromotionDecision { get }

  /// What is written under a number.
  func content(_ number: Int) throws -> VersionContent
}

/// Everything that a version's folder holds.
struct VersionContent {
  let manifest: ModelManifest
  /// By role.
  let graphs: [String: Graph]
  /// Files by side.
  let vocabularies: [ModelManifest.TextSide: [UInt8]]
  /// nil for a version that is not checked when it is loaded.
  let golden: ModelFolder.Golden?
}

extension FineTunedDraft {
  /// Says in a manifest how the version came about and what it reaches.
  func describe(
    _ manifest: inout ModelManifest,
    parent: (name: String, number: Int, digest: String)
  ) {
    manifest.metrics = decision.metrics.reduce(into: [:]) { $0["held_out_\($1.key)"] = $1.value }
    manifest.training = record
    manifest.lineage = ModelManifest.Lineage(
      parent: "\(parent.name)/\(parent.number)",
      parentSHA256: parent.digest,
      job: job
    )
    manifest.created = UTCTime.text()
    let suffix = specification.suffix.map { " (\($0))" } ?? ""
    // No job here: the text goes into model.onnx, and equal weights shall give equal files.
    manifest.description = "Fine-tuned from \(parent.name)/\(parent.number)\(suffix)"
  }

  private var record: ModelManifest.TrainingRecord {
    var settings: [String: ModelManifest.Setting] = [
      "learning_rate": .number(Double(options.peakRate)),
      "schedule": .text(options.schedule.rawValue),
      "warmup_ratio": .number(options.warmUp),
      "head": .text(specification.head.rawValue),
      "freeze": .list(options.freeze),
      "validation_split": .number(specification.validationSplit),
    ]
    if let decay = options.weightDecay { settings["weight_decay"] = .number(Double(decay)) }
    if let norm = options.clipNorm { settings["clip_norm"] = .number(Double(norm)) }
    if case .rate(let rate) = options.dropout { settings["dropout"] = .number(Double(rate)) }
    if let patience = options.earlyStoppingPatience {
      settings["patience"] = .number(Double(patience))
    }
    return ModelManifest.TrainingRecord(
      recipe: "fine-tuning",
      seed: specification.seed,
      data: ModelManifest.DataReference(
        name: specification.trainingFile,
        sha256: digest
      ),
      epochs: report.epochs.count,
      batchSize: options.batchSize,
      optimizer: options.optimizer.rawValue,
      hyperparameters: settings,
      curves: curves
    )
  }

  private var curves: [String: [Double]] {
    var curves: [String: [Double]] = [:]
    func add(_ name: String, _ values: [Double?]) {
      let known = values.compactMap { $0 }.filter(\.isFinite)
      let kept = known.suffix(ModelManifest.TrainingRecord.curvePointsMax)
      if kept.count == min(values.count, ModelManifest.TrainingRecord.curvePointsMax),
        !kept.isEmpty
      {
        curves[name] = Array(kept)
      }
    }
    add("loss", report.epochs.map(\.training.loss))
    add("accuracy", report.epochs.map(\.training.accuracy))
    add("validation_loss", report.epochs.map(\.validation?.loss))
    add("validation_accuracy", report.epochs.map(\.validation?.accuracy))
    return curves
  }
}
