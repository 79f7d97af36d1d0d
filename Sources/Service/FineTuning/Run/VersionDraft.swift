import Datasets
import Engine
import GraphIR
import ONNXFormat
import Tensors
import Training

/// The new version that a job makes: its graph and everything that model.json says about how it came about.
struct VersionDraft {
  let specification: FineTuningSpecification
  let job: String
  let base: BaseVersion
  let examples: FineTuningExamples
  let tuning: FineTuning
  let report: FineTuningReport
  let decision: PromotionDecision

  /// Rows in golden.npz.
  private static let goldenRows = 8

  /// What is written under a number.
  func version(_ number: Int) throws -> (ModelManifest, Graph, ModelFolder.Golden) {
    let graph = try tuning.servingGraph(report)
    var manifest = ModelManifest(
      name: specification.model,
      version: number,
      task: specification.objective.rawValue,
      signature: ModelManifest.Signature(of: graph),
      roles: roles(graph)
    )
    manifest.labels = examples.labels.isEmpty ? nil : examples.labels
    manifest.preprocessing = base.manifest?.preprocessing
    manifest.metrics = decision.metrics.reduce(into: [:]) { $0["held_out_\($1.key)"] = $1.value }
    manifest.training = record
    manifest.lineage = ModelManifest.Lineage(
      parent: "\(base.name)/\(base.number)",
      parentSHA256: base.digest,
      job: job
    )
    manifest.created = UTCTime.text()
    let suffix = specification.suffix.map { " (\($0))" } ?? ""
    // No job here: the text goes into model.onnx, and equal weights shall give equal files.
    manifest.description = "Fine-tuned from \(base.name)/\(base.number)\(suffix)"
    return (manifest, graph, try golden(graph))
  }

  /// Which output is what: as before, or the graph's own where there was no model.json.
  private func roles(_ graph: Graph) -> [String: String] {
    guard specification.objective != .regression else { return [:] }
    if let roles = base.manifest?.roles, !roles.isEmpty { return roles }
    let logits = graph[base.model.tail.logits].name
    let outputs = graph.outputs.map { graph[$0].name }
    if outputs.contains(logits) { return ["logits": logits] }
    return outputs.count == 1 ? ["probabilities": outputs[0]] : [:]
  }

  private var record: ModelManifest.TrainingRecord {
    let options = tuning.options
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
        sha256: examples.digest
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

  /// Some rows with the answers that the new version gives.
  private func golden(_ graph: Graph) throws -> ModelFolder.Golden {
    let input = graph.inputs[0]
    let sizes = graph[input].type.shape.dimensions?.map(\.size) ?? []
    let fixed = sizes.first ?? nil
    let available = examples.training.count
    let count = fixed ?? min(Self.goldenRows, available)
    let rows = examples.training.selecting((0..<count).map { $0 % available }).features
    let shape = Shape([count] + base.signature.inputs[0].rowSizes)
    let fed = rows.reshaped(to: shape)
    let answers = try Session(graph).run(graph.outputs, feeds: [input: fed])
    return ModelFolder.Golden(
      inputs: [.init(graph[input].name, fed)],
      outputs: zip(graph.outputs, answers).map { .init(graph[$0].name, $1) }
    )
  }
}

extension ModelSignature.Field {
  /// Sizes of one row; 1 where a size is not known.
  fileprivate var rowSizes: [Int] { (sizes ?? []).dropFirst().map { $0 ?? 1 } }
}
