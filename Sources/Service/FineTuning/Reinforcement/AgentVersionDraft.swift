import Engine
import GraphIR
import ONNXFormat
import Reinforcement
import Tensors
import Training

/// The new version of a policy that a job makes: its graph, what it is for, and how it came about.
struct AgentVersionDraft: FineTunedDraft {
  let specification: FineTuningSpecification
  let job: String
  let base: AgentBaseVersion
  let examples: AgentExamples
  let tuning: AgentTuning
  let report: FineTuningReport
  let decision: PromotionDecision

  /// Rows in golden.npz.
  private static let goldenRows = 8

  var options: FineTuningOptions { tuning.options }
  var digest: String { examples.digest }

  func content(_ number: Int) throws -> VersionContent {
    let graph = try base.network.servingGraph(weights: report.weights)
    // Everything that describes the model stays; what describes how it came about is new.
    var manifest = base.manifest
    manifest.name = specification.model
    manifest.version = number
    manifest.signature = ModelManifest.Signature(of: graph)
    manifest.reinforcement?.discount = specification.discount(of: base)
    manifest.reinforcement?.steps = 1
    describe(&manifest, parent: (base.name, base.number, base.digest))
    manifest.metrics = decision.metrics
    let chosen = tuning.hyperparameters
    manifest.training?.hyperparameters = [
      "learning_rate": .number(chosen.learningRate ?? 0),
      "discount": .number(specification.discount(of: base)),
      "target_updates": .number(Double(chosen.targetUpdates ?? 0)),
      "double": .text(chosen.isDouble ? "true" : "false"),
      "conservatism": .number(chosen.conservatism ?? 0),
      "transitions": .number(Double(examples.training.count)),
      "validation_split": .number(specification.validationSplit),
    ]
    return VersionContent(
      manifest: manifest,
      graphs: ["main": graph],
      vocabularies: [:],
      golden: try golden(graph)
    )
  }

  /// Some observations with the answers that the new version gives.
  private func golden(_ graph: Graph) throws -> ModelFolder.Golden {
    let input = graph.inputs[0]
    let available = examples.batch.count
    let count = graph[input].type.shape.dimensions?.first?.size ?? min(Self.goldenRows, available)
    let numbers = (0..<count).flatMap { examples.batch.observation($0 % available) }
    let shape = try Shape(validating: [count] + base.format.sizes)
    let fed =
      base.format.states == nil ? Tensor(numbers, shape) : Tensor(numbers.map { Int64($0) }, shape)
    let answers = try Session(graph).run(graph.outputs, feeds: [input: fed])
    return ModelFolder.Golden(
      inputs: [.init(graph[input].name, fed)],
      outputs: zip(graph.outputs, answers).map { .init(graph[$0].name, $1) }
    )
  }
}
