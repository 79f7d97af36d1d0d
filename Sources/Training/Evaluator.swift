package import Engine
import GraphIR
package import Tensors

/// Measures a model on labelled examples, batch by batch.
package final class Evaluator {
  package let session: Session
  private let graph: EvaluationGraph
  private let batchSize: Int
  private let yield: (@Sendable () -> Void)?
  private var runner: BatchRunner

  /// `yield` is called between batches and within long ones.
  package init(
    _ graph: EvaluationGraph,
    batchSize: Int = 500,
    threads: Int = 1,
    yield: (@Sendable () -> Void)? = nil
  ) throws {
    self.graph = graph
    self.batchSize = batchSize
    self.yield = yield
    session = try Session(
      graph.graph,
      options: SessionOptions(threads: threads, yield: yield)
    )
    runner = BatchRunner(
      session: session,
      inputs: graph.inputs,
      loss: graph.loss,
      correct: graph.correct,
      updates: graph.updates
    )
  }

  /// Gives the model's variables the values of those names; carried state stays, for it belongs to the examples.
  ///
  /// - Throws: `TrainingError.checkpoint` for a variable without a value.
  package func setVariables(_ values: [String: Tensor]) throws {
    for variable in graph.graph.variables where !graph.carried.contains(variable) {
      guard let value = values[graph.graph[variable].name] else {
        throw TrainingError.checkpoint("no value for variable \(graph.graph[variable].name)")
      }
      try session.assign(variable, value)
    }
  }

  /// Loss and accuracy over all examples.
  ///
  /// - Throws: `TrainingError.stopped` where `control` asks for it between two batches.
  package func evaluate(
    _ examples: any ExampleSource,
    control: TrainingControl? = nil
  ) throws -> EvaluationMetrics {
    try evaluate(ExampleBatches(examples, batchSize: batchSize, seed: nil), control: control)
  }

  /// Loss and accuracy over one pass of batches, weighted as they say: by token or by example.
  ///
  /// - Throws: As `evaluate(_:control:)`.
  package func evaluate(
    _ batches: any BatchSource,
    control: TrainingControl? = nil
  ) throws -> EvaluationMetrics {
    var totals = EpochTotals()
    for batch in batches.batches(inPass: 0) {
      try control?.throwIfStopped()
      yield?()
      let (loss, correct) = try runner.run(batches, batch)
      totals.add(loss: loss, correct: correct, examples: batch.weight)
    }
    return totals.metrics(countsCorrect: graph.correct != nil)
  }
}
