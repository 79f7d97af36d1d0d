package import Datasets
import Engine
import GraphIR
package import Tensors

/// Measures a model on examples that it was not trained on: a new version and its parent on the same rows.
package final class HeldOutEvaluator {
  private let model: FineTunableModel
  private let task: FineTuningTask
  private let batchSize: Int
  private let yield: (@Sendable () -> Void)?
  private var runner: BatchRunner

  /// - Parameters:
  ///   - model: any served model with the right input.
  ///   - task: what its outputs mean.
  ///   - weights: by name of variable; the model's own where there is none.
  ///   - batchSize: examples measured at once.
  ///   - threads: that the engine may use.
  ///   - yield: called between batches and within long ones.
  /// - Throws: `GraphError` for a graph that has no such loss; what the engine throws.
  package init(
    _ model: FineTunableModel,
    task: FineTuningTask,
    weights: [String: Tensor] = [:],
    batchSize: Int = 100,
    threads: Int = 1,
    yield: (@Sendable () -> Void)? = nil
  ) throws {
    let limit = FineTuningOptions.batchSizeMax
    guard (1...limit).contains(batchSize) else {
      throw FineTuningError.option(
        "evaluation batch size is \(batchSize); it must be from 1 to \(limit)"
      )
    }
    self.model = model
    self.task = task
    self.batchSize = batchSize
    self.yield = yield
    let (evaluation, predictions) = try FineTuningGraphs.evaluation(model, task)
    let session = try Session(
      evaluation.graph,
      options: SessionOptions(threads: threads, yield: yield)
    )
    for variable in evaluation.graph.variables {
      if let tensor = weights[evaluation.graph[variable].name] {
        try session.assign(variable, tensor)
      }
    }
    runner = BatchRunner(
      session: session,
      inputs: evaluation.inputs,
      fetches: [evaluation.loss, predictions]
    )
  }

  /// Measures all examples.
  ///
  /// - Throws: `FineTuningError.data` for examples that do not fit, as labels that this model has no class for;
  ///   `TrainingError.stopped` where `control` asks for it between two batches.
  package func evaluate(
    _ data: Dataset,
    control: TrainingControl? = nil
  ) throws -> HeldOutMetrics {
    let examples = try task.checked(data, for: model)
    var sums = HeldOutSums(task: task, width: model.classCount)
    let batches = ExampleBatches(examples, batchSize: batchSize, seed: nil)
    for batch in batches.batches(inPass: 0) {
      try control?.throwIfStopped()
      yield?()
      let run = try runner.execute(batches, batch)
      sums.add(
        loss: run.output(0).loadUnaligned(as: Float.self),
        predictions: run.outputTensor(1).elements(of: Float.self),
        labels: examples.labels,
        rows: batch.rows
      )
    }
    return sums.metrics
  }
}
