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
      correct: graph.correct
    )
  }

  /// Gives the model's variables the values of those names.
  ///
  /// - Throws: `TrainingError.checkpoint` for a variable without a value.
  package func setVariables(_ values: [String: Tensor]) throws {
    for variable in graph.graph.variables {
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
    var totals = EpochTotals()
    let all = Array(0..<examples.count)
    for start in stride(from: 0, to: all.count, by: batchSize) {
      try control?.throwIfStopped()
      yield?()
      let indices = all[start..<min(start + batchSize, all.count)]
      let (loss, correct) = try runner.run(examples, indices)
      totals.add(loss: loss, correct: correct, examples: indices.count)
    }
    return totals.metrics(countsCorrect: graph.correct != nil)
  }
}
