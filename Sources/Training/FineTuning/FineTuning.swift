package import Datasets
import Engine
package import GraphIR
import Tensors

/// Trains a served model further: freezing, a new head, precomputed values of frozen layers, checkpoints.
///
/// What comes out is a function of model, options and examples: a run resumed from any checkpoint ends with the same bits as one that was
/// never interrupted, and so does one with precomputed values as one without.
package final class FineTuning: TuningRun {
  /// The model with the head that is trained.
  package let model: FineTunableModel
  package let options: FineTuningOptions
  /// Names of the variables that training changes by gradient.
  package let trainedVariables: Set<String>
  /// Numbers in them.
  package let trainedParameterCount: Int

  private let graphs: FineTuningGraphs
  private let training: any ExampleSource
  private let validation: Dataset?

  /// Prepares a fine-tuning: everything that can be wrong with the graph, the options or the examples is found here.
  ///
  /// - Parameters:
  ///   - model: what to start from.
  ///   - options: how.
  ///   - training: features in rows as the model reads them, labels as the task needs them.
  ///   - validation: measured after every epoch.
  /// - Throws: `FineTuningError`, `TrainingError.option`.
  package init(
    _ model: FineTunableModel,
    options: FineTuningOptions,
    training: Dataset,
    validation: Dataset? = nil
  ) throws {
    try options.validate(hasValidation: validation != nil)
    self.options = options
    self.model = try model.adapted(
      classCount: options.newClassCount,
      task: options.task,
      seed: options.seed
    )
    let layers = self.model.layers
    let frozen = try ModelLayer.variables(matching: options.freeze, in: layers)
    let trained = Set(layers.flatMap(\.variables)).subtracting(frozen)
    guard !trained.isEmpty else {
      throw FineTuningError.option(
        "every layer is frozen; leave one of "
          + layers.map(\.name).joined(separator: ", ") + " to be trained"
      )
    }
    trainedVariables = trained
    let adapted = self.model
    trainedParameterCount = trained.reduce(0) { sum, name in
      let shape = adapted.graph.value(named: name).flatMap { adapted.graph[$0].type.shape.concrete }
      return sum + (shape?.elementCount ?? 0)
    }
    let examples = try options.task.checked(training, for: adapted)
    if let augmentation = options.augmentation {
      self.training = try AugmentedExamples(examples, augmentation, seed: options.seed)
    } else {
      self.training = examples
    }
    self.validation = try validation.map { try options.task.checked($0, for: adapted) }
    graphs = try FineTuningGraphs(
      adapted,
      task: options.task,
      trained: trained,
      dropout: options.dropout
    )
    // A missing gradient is found now, not in the middle of a job.
    _ = try stepGraph()
    try options.trainingOptions(exampleCount: examples.count).validate()
  }

  package var stepsPerEpoch: Int { (training.count - 1) / options.batchSize + 1 }

  /// Trains until the epochs are done, early stopping ends it, or a stop is requested.
  ///
  /// - Parameters:
  ///   - checkpoint: of an interrupted run with the same model, options and examples; from the start when `nil`.
  ///   - control: asks for a stop; the state is then in the checkpoint.
  ///   - observer: hears of every step, epoch and checkpoint, on this thread; what it throws ends the training.
  /// - Returns: weights and curves; after a stop those of the moment.
  /// - Throws: as `Trainer.run`; `TrainingError.checkpoint` for one of another training.
  package func run(
    from checkpoint: TrainingCheckpoint? = nil,
    control: TrainingControl = TrainingControl(),
    observer: (TrainingEvent) throws -> Void = { _ in }
  ) throws -> FineTuningReport {
    let parts: Parts
    do {
      parts = try prepared(control)
    } catch TrainingError.stopped {
      return FineTuningReport(
        end: .stoppedOnRequest,
        epochs: checkpoint?.epochs ?? [],
        bestEpoch: checkpoint?.best?.epoch,
        steps: checkpoint?.step ?? 0,
        weights: [:],
        frozenValues: .computedEachStep(reason: "stopped before they were known")
      )
    }
    let trainer = try Trainer(
      parts.graph,
      options: options.trainingOptions(exampleCount: training.count),
      examples: parts.training,
      evaluation: parts.evaluation,
      validation: parts.validation
    )
    if let checkpoint { try trainer.resume(from: completed(checkpoint)) }
    let report = try trainer.run(control: control, observer: observer)
    let names = Set(model.graph.variables.map { model.graph[$0].name })
    return FineTuningReport(
      end: report.end,
      epochs: trainer.history,
      bestEpoch: report.bestEpoch,
      steps: report.steps,
      weights: try trainer.variables().filter { names.contains($0.key) },
      frozenValues: parts.frozenValues
    )
  }

  /// The graph of the finished version, ready to be written and served.
  package func servingGraph(_ report: FineTuningReport) throws -> Graph {
    try model.servingGraph(weights: report.weights)
  }

  /// The graph of one step on the whole network, for inspection.
  package func stepGraph() throws -> TrainingGraph { try stepGraph(cutAt: []) }

  private func stepGraph(cutAt cuts: [FineTuningGraphs.Cut]) throws -> TrainingGraph {
    try graphs.training(
      options.optimizer.optimizer(weightDecay: options.weightDecay),
      clipping: options.clipNorm.map { .globalNorm($0) } ?? .none,
      cutAt: cuts
    )
  }

  /// What a trainer needs.
  private struct Parts {
    var graph: TrainingGraph
    var evaluation: EvaluationGraph?
    var training: any ExampleSource
    var validation: (any ExampleSource)?
    var frozenValues: FrozenValues
  }

  /// Precomputes what the frozen layers make of all examples, where that is possible.
  private func prepared(_ control: TrainingControl) throws -> Parts {
    do {
      return try preparedBehindFrozen(control)
    } catch let absent as FrozenPrefix.Absent {
      return Parts(
        graph: try stepGraph(),
        evaluation: try validation.map { _ in try graphs.evaluation().graph },
        training: training,
        validation: validation,
        frozenValues: .computedEachStep(reason: absent.reason)
      )
    }
  }

  private func preparedBehindFrozen(_ control: TrainingControl) throws -> Parts {
    guard options.frozenValuesByteCountMax > 0 else {
      throw FrozenPrefix.Absent(reason: "switched off")
    }
    guard options.augmentation == nil else {
      throw FrozenPrefix.Absent(reason: "augmentation changes the examples in every epoch")
    }
    let prefix = try FrozenPrefix(of: graphs.form, trained: trainedVariables)
    func compute(_ examples: any ExampleSource, _ byteCountMax: Int) throws -> FrozenExamples {
      try FrozenExamples(
        prefix.frontier,
        of: model.network,
        examples,
        byteCountMax: byteCountMax,
        batchSize: options.evaluationBatchSize,
        options: SessionOptions(threads: options.threads, yield: options.yield),
        control: control
      )
    }
    let examples = try compute(training, options.frozenValuesByteCountMax)
    let left = options.frozenValuesByteCountMax - examples.byteCount
    let measured = try validation.map { try compute($0, left) }
    let cuts = zip(prefix.frontier, examples.columns).map {
      FineTuningGraphs.Cut(name: $0, column: $1)
    }
    return Parts(
      graph: try stepGraph(cutAt: cuts),
      evaluation: try validation.map { _ in try graphs.evaluation(cutAt: cuts).graph },
      training: examples,
      validation: measured,
      frozenValues: .precomputed(
        prefix.frontier,
        byteCount: examples.byteCount + (measured?.byteCount ?? 0)
      )
    )
  }

  /// The checkpoint with the frozen variables that a run behind a frontier does not hold: whether values were precomputed may differ
  /// between the runs.
  private func completed(_ checkpoint: TrainingCheckpoint) -> TrainingCheckpoint {
    let network = model.network
    let changed = trainedVariables.union(
      graphs.form.updates.map { graphs.form.graph[$0.variable].name }
    )
    var result = checkpoint
    for variable in network.variables {
      let name = network[variable].name
      guard !changed.contains(name), case .variable(let initial, _) = network[variable].source
      else { continue }
      result.variables[name] = initial
      result.best?.variables[name] = initial
    }
    return result
  }
}
