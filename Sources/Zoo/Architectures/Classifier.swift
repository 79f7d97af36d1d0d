package import GraphIR
import NN
package import Tensors
package import Training

/// The graphs of a classifier: to train, to measure and to serve an architecture.
package struct Classifier: Sendable {
  package let architecture: any Architecture
  package let seed: UInt64

  package init(_ architecture: any Architecture, seed: UInt64) {
    self.architecture = architecture
    self.seed = seed
  }

  /// One optimisation step on a batch of inputs and int64 labels, softmax cross-entropy.
  package func trainingGraph(
    _ optimizer: any Optimizer,
    clipping: GradientClipping = .none
  ) throws(GraphError) -> TrainingGraph {
    let parts = try labelled(.training)
    return try TrainingGraph(
      parts.context,
      inputs: parts.inputs,
      loss: parts.loss,
      correct: parts.correct,
      optimizer: optimizer,
      clipping: clipping
    )
  }

  /// Loss and accuracy of a batch.
  package func evaluationGraph() throws(GraphError) -> EvaluationGraph {
    let parts = try labelled(.inference)
    return EvaluationGraph(
      parts.context,
      inputs: parts.inputs,
      loss: parts.loss,
      correct: parts.correct
    )
  }

  /// `input` [N, ...] to `logits` and `probabilities` [N, classCount].
  ///
  /// - Throws: `TrainingError.checkpoint` for a variable without a value.
  package func servingGraph(weights: [String: Tensor]) throws -> Graph {
    var context = LayerContext(mode: .inference, drawsInitialValues: false)
    let input = try placeholder(in: &context)
    let logits = try architecture.logits(of: input, in: &context)
    try context.graph.rename(logits, to: "logits")
    let probabilities = try Activation.softmax(logits, in: &context)
    try context.graph.rename(probabilities, to: "probabilities")
    context.graph.outputs = [logits, probabilities]
    try context.load(weights)
    return context.graph
  }

  private func placeholder(in context: inout LayerContext) throws(GraphError) -> ValueID {
    let sizes = architecture.inputSizes.map(Dimension.known)
    return try context.graph.placeholder("input", .float32, PartialShape([.symbol("N")] + sizes))
  }

  private func labelled(
    _ mode: BuildMode
  ) throws(GraphError) -> (
    context: LayerContext, inputs: [ValueID], loss: ValueID, correct: ValueID
  ) {
    // Only training starts from drawn weights; an evaluation gets the trained ones.
    var context = LayerContext(mode: mode, seed: seed, drawsInitialValues: mode == .training)
    let input = try placeholder(in: &context)
    let labels = try context.graph.placeholder("labels", .int64, [.symbol("N")])
    let logits = try architecture.logits(of: input, in: &context)
    let loss = try Loss.softmaxCrossEntropy(logits: logits, labels: labels, in: &context)
    let correct = try Metrics.correctCount(logits: logits, labels: labels, in: &context)
    return (context, [input, labels], loss, correct)
  }
}
