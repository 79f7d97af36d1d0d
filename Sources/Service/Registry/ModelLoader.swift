import HTTP
import ONNXFormat
import Tensors

/// Makes a runnable model of a version's files.
package protocol ModelLoader: Sendable {
  /// Loads and checks a version.
  ///
  /// - Parameter path: The version's folder, or a single .onnx file.
  /// - Returns: The model, ready to run.
  /// - Throws: Why it cannot be served.
  func load(_ path: String) throws -> LoadedModel
}

/// A model that was loaded and checked.
package struct LoadedModel {
  package let model: any InferenceModel
  /// How it takes images, where it does.
  package let images: ImageInput?
  /// Who answers sequences and captions; nil for a model that predicts rows.
  package let sequences: (any SequenceBackend)?
  /// What its rows mean where they are observations; nil for a model that has no Q-values.
  package let qValues: QValueFormat?
  /// What it does, as model.json has it.
  package let task: String

  package init(
    _ model: any InferenceModel,
    task: String = "tensor",
    images: ImageInput? = nil,
    qValues: QValueFormat? = nil
  ) {
    self.model = model
    self.images = images
    self.qValues = qValues
    self.task = task
    sequences = nil
  }

  /// A model that answers sequences or captions, and nothing else.
  ///
  /// - Parameters:
  ///   - sequences: Who answers.
  ///   - signature: Inputs and outputs of graph `main`, to be shown.
  package init(sequences: any SequenceBackend, signature: ModelSignature) {
    model = SequenceOnlyModel(signature)
    images = nil
    qValues = nil
    task = sequences.task.rawValue
    self.sequences = sequences
  }
}

/// Stands where rows are predicted in a model that answers sequences: its graph is stepped by others.
private final class SequenceOnlyModel: InferenceModel {
  let signature: ModelSignature

  init(_ signature: ModelSignature) { self.signature = signature }

  func prepare(_ inputShapes: [Shape]) throws -> any PreparedInference {
    throw ServiceError(.conflict, "the model answers sequences, not rows")
  }
}
