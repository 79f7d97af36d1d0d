import Datasets
import Engine
import GraphIR
import ONNXFormat
import Tensors
import Training

/// The new version that a job makes: its graph and everything that model.json says about how it came about.
struct VersionDraft: FineTunedDraft {
  let specification: FineTuningSpecification
  let job: String
  let base: BaseVersion
  let examples: FineTuningExamples
  let tuning: FineTuning
  let report: FineTuningReport
  let decision: PromotionDecision

  /// Rows in golden.npz.
  private static let goldenRows = 8

  var options: FineTuningOptions { tuning.options }
  var digest: String { examples.digest }

  func content(_ number: Int) throws -> VersionContent {
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
    describe(&manifest, parent: (base.name, base.number, base.digest))
    return VersionContent(
      manifest: manifest,
      graphs: ["main": graph],
      vocabularies: [:],
      golden: try golden(graph)
    )
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
