import Datasets
import Engine
import GraphIR
import ONNXFormat
import Tensors
import Training

/// The new version of a sequence model that a job makes: its graphs, the vocabularies it had, and how it came about.
struct SequenceVersionDraft: FineTunedDraft {
  let specification: FineTuningSpecification
  let job: String
  let base: SequenceBaseVersion
  let digest: String
  let options: FineTuningOptions
  let report: FineTuningReport
  let decision: PromotionDecision

  /// Tokens or values of the row in golden.npz.
  private static let goldenLength = 4

  func content(_ number: Int) throws -> VersionContent {
    let graphs = try base.network.servingGraphs(weights: report.weights)
    guard let main = graphs[SequenceNetwork.Role.main] else {
      throw FineTuningError.model("it has no graph '\(SequenceNetwork.Role.main)'")
    }
    // Everything that describes the model stays; what describes how it came about is new.
    var manifest = base.manifest
    manifest.name = specification.model
    manifest.version = number
    manifest.signature = ModelManifest.Signature(of: main)
    describe(&manifest, parent: (base.name, base.number, base.digest))
    return VersionContent(
      manifest: manifest,
      graphs: graphs,
      vocabularies: base.vocabularies,
      golden: try golden(main)
    )
  }

  /// One row with the answer that the new version gives; nil where an input's sizes are not known.
  private func golden(_ graph: Graph) throws -> ModelFolder.Golden? {
    var feeds: [ValueID: Tensor] = [:]
    for input in graph.inputs {
      let value = graph[input]
      let isSequence = value.name == base.format.tokens || value.name == base.format.values
      guard let dimensions = value.type.shape.dimensions else { return nil }
      var sizes: [Int] = []
      for (axis, dimension) in dimensions.enumerated() {
        let free = axis == 0 ? 1 : isSequence && axis == 1 ? Self.goldenLength : nil
        guard let size = dimension.size ?? free else { return nil }
        sizes.append(size)
      }
      let shape = try Shape(validating: sizes)
      switch value.type.dtype {
      case .int64:
        // Ids that every vocabulary has.
        let ids = (0..<shape.elementCount).map { Int64($0 % Vocabulary.specialCount) }
        feeds[input] = Tensor(ids, shape)
      case .int32:
        feeds[input] = Tensor(
          [Int32](repeating: Int32(Self.goldenLength), count: shape.elementCount),
          shape
        )
      default: feeds[input] = Tensor(zeros: value.type.dtype, shape)
      }
    }
    let answers = try Session(graph).run(graph.outputs, feeds: feeds)
    return ModelFolder.Golden(
      inputs: graph.inputs.compactMap { input in feeds[input].map { .init(graph[input].name, $0) }
      },
      outputs: zip(graph.outputs, answers).map { .init(graph[$0].name, $1) }
    )
  }
}
