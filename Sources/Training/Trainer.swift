package import Engine
import GraphIR
package import Tensors

/// Trains a graph on examples by mini-batches.
///
/// Everything that a run depends on is a function of the options' seed and the number of the step, or lies in the session's variables: a
/// run resumed from a checkpoint ends with the same bits as one that was never interrupted.
package final class Trainer {
  package let graph: TrainingGraph
  package let options: TrainingOptions
  package let session: Session

  private let batches: any BatchSource
  private let validation: (any BatchSource)?
  private let evaluator: Evaluator?
  private let stepsPerEpoch: Int
  private var runner: BatchRunner
  /// The batches of the pass that the last step belongs to.
  private var pass: (number: Int, batches: [Batch])?
  private var step = 0
  private var totals = EpochTotals()
  /// Every epoch since the very beginning, those before a checkpoint too.
  package private(set) var history: [EpochReport] = []
  private var best: TrainingCheckpoint.BestVariables?
  private var lastSave = ContinuousClock().now

  /// Prepares a training on examples of one shape, shuffled in every pass.
  ///
  /// - Parameters:
  ///   - graph: one step.
  ///   - options: how long and how fast.
  ///   - examples: columns as `graph.inputs`.
  ///   - evaluation: the same network in inference mode; needed for `validation`.
  ///   - validation: measured after every epoch.
  /// - Throws: `TrainingError` for impossible options or examples; `GraphError` for a graph that cannot run.
  package convenience init(
    _ graph: TrainingGraph,
    options: TrainingOptions,
    examples: any ExampleSource,
    evaluation: EvaluationGraph? = nil,
    validation: (any ExampleSource)? = nil
  ) throws {
    try options.validate()
    try self.init(
      graph,
      options: options,
      batches: ExampleBatches(examples, batchSize: options.batchSize, seed: options.seed),
      evaluation: evaluation,
      validation: validation.map {
        ExampleBatches($0, batchSize: options.evaluationBatchSize, seed: nil)
      }
    )
  }

  /// Prepares a training on batches of any shapes; the options' batch sizes have no effect.
  ///
  /// - Parameters:
  ///   - graph: one step; its loss is the mean over what a batch's weight counts.
  ///   - options: how long and how fast.
  ///   - batches: columns as `graph.inputs`.
  ///   - evaluation: the same network in inference mode; needed for `validation`.
  ///   - validation: one pass is measured after every epoch.
  /// - Throws: `TrainingError` for impossible options or no batches; `GraphError` for a graph that cannot run.
  package init(
    _ graph: TrainingGraph,
    options: TrainingOptions,
    batches: any BatchSource,
    evaluation: EvaluationGraph? = nil,
    validation: (any BatchSource)? = nil
  ) throws {
    try options.validate()
    guard batches.batchesPerPass > 0 else { throw TrainingError.data("there are no examples") }
    if validation != nil, evaluation == nil {
      throw TrainingError.option("validation examples need an evaluation graph")
    }
    if options.earlyStopping != nil, validation == nil {
      throw TrainingError.option("early stopping needs validation examples")
    }
    self.graph = graph
    self.options = options
    self.batches = batches
    self.validation = validation
    session = try Session(
      graph.graph,
      options: SessionOptions(
        threads: options.threads,
        random: RandomState(seed: options.seed),
        yield: options.yield
      )
    )
    evaluator = try evaluation.map {
      try Evaluator(
        $0,
        batchSize: options.evaluationBatchSize,
        threads: options.threads,
        yield: options.yield
      )
    }
    runner = BatchRunner(
      session: session,
      inputs: graph.inputs,
      loss: graph.loss,
      correct: graph.correct,
      updates: graph.updates,
      rate: graph.learningRate
    )
    stepsPerEpoch = options.stepsPerEpoch ?? batches.batchesPerPass
  }

  /// Trains until the epochs are done, early stopping ends it, or a stop is requested (a checkpoint is written then).
  ///
  /// The observer hears of every step and epoch, on this thread; what it throws ends the training.
  ///
  /// - Throws: `TrainingError.lossNotFinite` with step and rate; what the engine or the checkpoint's file throws.
  package func run(
    control: TrainingControl = TrainingControl(),
    observer: (TrainingEvent) throws -> Void = { _ in }
  ) throws -> TrainingReport {
    var report = TrainingReport(end: .finished, epochs: [], bestEpoch: nil, steps: step)
    let clock = ContinuousClock()
    let start = clock.now
    let firstStep = step
    var epochStart = start
    let total = options.epochs * stepsPerEpoch
    // Sums left at the end of an epoch: a stop came while its validation ran, which is done again.
    var isEpochOpen = step > 0 && step % stepsPerEpoch == 0 && totals.count > 0
    if !isEpochOpen, step > 0, shouldStop(after: step / stepsPerEpoch) {
      report.end = .stoppedEarly
    }
    while report.end == .finished, step < total || isEpochOpen {
      if isEpochOpen {
        isEpochOpen = false
        guard try closeEpoch(&report, since: &epochStart, control, observer) else { continue }
        try save(observer)
        continue
      }
      if control.isStopRequested {
        report.end = .stoppedOnRequest
        break
      }
      options.yield?()
      let epoch = step / stepsPerEpoch + 1
      let (loss, count, rate) = try runStep(epoch: epoch)
      let seconds = (clock.now - start) / .seconds(1)
      let stepsHere = step - firstStep
      try observer(
        .step(
          StepProgress(
            epoch: epoch,
            epochs: options.epochs,
            batch: (step - 1) % stepsPerEpoch + 1,
            batches: stepsPerEpoch,
            loss: loss,
            accuracy: totals.metrics(countsCorrect: graph.correct != nil).accuracy,
            learningRate: rate,
            examplesPerSecond: Double(count * stepsHere) / max(seconds, 1e-9),
            secondsLeft: seconds / Double(stepsHere) * Double(total - step)
          )
        )
      )
      if step % stepsPerEpoch == 0 {
        isEpochOpen = true
      } else if let interval = options.checkpoints?.everySteps, step % interval == 0 {
        try save(observer)
      }
    }
    if report.end == .stoppedOnRequest { try save(observer, isLast: true) }
    report.steps = step
    report.bestEpoch = best?.epoch
    if let best, options.earlyStopping?.restoresBest == true, report.end != .stoppedOnRequest {
      try setVariables(best.variables)
    }
    return report
  }

  /// Ends the epoch whose steps are done: validation, the report, early stopping.
  ///
  /// Gives false where a stop was requested meanwhile; the epoch is then still open.
  private func closeEpoch(
    _ report: inout TrainingReport,
    since start: inout ContinuousClock.Instant,
    _ control: TrainingControl,
    _ observer: (TrainingEvent) throws -> Void
  ) throws -> Bool {
    let clock = ContinuousClock()
    let epoch = step / stepsPerEpoch
    let finished: EpochReport
    do {
      finished = try finishEpoch(epoch, seconds: (clock.now - start) / .seconds(1), control)
    } catch TrainingError.stopped {
      report.end = .stoppedOnRequest
      return false
    }
    start = clock.now
    history.append(finished)
    report.epochs.append(finished)
    try observer(.epoch(finished))
    if shouldStop(after: epoch) { report.end = .stoppedEarly }
    return true
  }

  /// Writes a checkpoint where the options ask for them.
  private func save(_ observer: (TrainingEvent) throws -> Void, isLast: Bool = false) throws {
    guard let policy = options.checkpoints else { return }
    let now = ContinuousClock().now
    guard isLast || (now - lastSave) / .seconds(1) >= policy.minimumSeconds else { return }
    lastSave = now
    try checkpoint().write(to: policy.path)
    try observer(.checkpoint(path: policy.path, step: step))
  }

  /// Everything needed to continue later.
  package func checkpoint() throws -> TrainingCheckpoint {
    TrainingCheckpoint(
      step: step,
      seed: options.seed,
      variables: try variables(),
      best: best,
      epochs: history,
      totals: totals
    )
  }

  /// Continues where a checkpoint was made.
  ///
  /// - Throws: `TrainingError.checkpoint` where it belongs to another graph or seed.
  package func resume(from checkpoint: TrainingCheckpoint) throws {
    guard checkpoint.seed == options.seed else {
      throw TrainingError.checkpoint(
        "the checkpoint has seed \(checkpoint.seed), this training \(options.seed)"
      )
    }
    try setVariables(checkpoint.variables)
    step = checkpoint.step
    totals = checkpoint.totals
    best = checkpoint.best
    history = checkpoint.epochs
  }

  /// All variables by name, the optimiser's state among them.
  package func variables() throws -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    for variable in graph.graph.variables {
      result[graph.graph[variable].name] = try session.value(of: variable)
    }
    return result
  }

  private func setVariables(_ values: [String: Tensor]) throws {
    for variable in graph.graph.variables {
      guard let value = values[graph.graph[variable].name] else {
        throw TrainingError.checkpoint("no value for variable \(graph.graph[variable].name)")
      }
      try session.assign(variable, value)
    }
  }

  /// One optimisation step.
  private func runStep(epoch: Int) throws -> (loss: Float, count: Int, rate: Float) {
    let batch = batch(at: step)
    let rate = options.schedule.rate(at: step)
    session.random = RandomState(seed: options.seed, step: UInt64(step))
    let (loss, correct) = try runner.run(batches, batch, rate: rate)
    guard loss.isFinite else {
      throw TrainingError.lossNotFinite(step: step + 1, epoch: epoch, loss: loss, rate: rate)
    }
    totals.add(loss: loss, correct: correct, examples: batch.weight)
    step += 1
    return (loss, batch.weight, rate)
  }

  /// The batch of a step, counted from 0.
  private func batch(at step: Int) -> Batch {
    let (number, position) = step.quotientAndRemainder(dividingBy: batches.batchesPerPass)
    if let pass, pass.number == number { return pass.batches[position] }
    let made = batches.batches(inPass: number)
    pass = (number, made)
    return made[position]
  }

  private func finishEpoch(
    _ epoch: Int,
    seconds: Double,
    _ control: TrainingControl
  ) throws -> EpochReport {
    var report = EpochReport(
      epoch: epoch,
      training: totals.metrics(countsCorrect: graph.correct != nil),
      validation: nil,
      seconds: seconds,
      isBest: true
    )
    guard let validation, let evaluator else {
      totals = EpochTotals()
      return report
    }
    let values = try variables()
    try evaluator.setVariables(values)
    let metrics = try evaluator.evaluate(validation, control: control)
    totals = EpochTotals()
    report.validation = metrics
    guard let stopping = options.earlyStopping else { return report }
    let score = stopping.score(of: metrics)
    report.isBest = best.map { score > $0.score + stopping.minimumChange } ?? true
    if report.isBest {
      best = TrainingCheckpoint.BestVariables(epoch: epoch, score: score, variables: values)
    }
    return report
  }

  private func shouldStop(after epoch: Int) -> Bool {
    guard let stopping = options.earlyStopping, let best else { return false }
    return epoch - best.epoch >= stopping.patience
  }
}
