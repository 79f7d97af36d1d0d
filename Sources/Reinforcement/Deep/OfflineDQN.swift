import GraphIR
import Tensors
package import Training

/// Trains a Q-network on a memory that does not change, as on transitions that clients sent.
///
/// An epoch is as many updates as show as many transitions as the memory holds. A run is a function of network, options and memory; one
/// resumed from a checkpoint ends with the same bits as one that was never interrupted.
package final class OfflineDQN {
  package let learner: DQNLearner
  package let memory: ReplayMemory
  package let epochs: Int
  private let checkpoints: CheckpointPolicy?
  private var history: [EpochReport] = []
  private var sum = 0.0

  /// - Throws: as `DQNLearner`, `ReinforcementError.replay` for an empty memory, `TrainingError.option`.
  package init(
    _ network: QNetwork,
    options: DQNOptions,
    memory: ReplayMemory,
    epochs: Int,
    checkpoints: CheckpointPolicy? = nil
  ) throws {
    guard epochs >= 1, epochs <= FineTuningOptions.epochsMax else {
      throw TrainingError.option("epochs is \(epochs); it must be from 1 to 1000000")
    }
    guard memory.count > 0 else { throw ReinforcementError.replay("it is empty") }
    learner = try DQNLearner(
      network,
      options: options,
      observationShape: network.observationShape.concrete ?? memory.options.observations.shape
    )
    self.memory = memory
    self.epochs = epochs
    self.checkpoints = checkpoints
  }

  package var stepsPerEpoch: Int { (memory.count - 1) / learner.options.batchSize + 1 }

  /// Numbers in the weights that are trained.
  package var trainedParameterCount: Int {
    let graph = learner.network.graph
    return learner.network.trainedVariables.reduce(0) {
      $0 + (graph[$1].type.shape.concrete?.elementCount ?? 0)
    }
  }

  /// Trains until the epochs are done or a stop is requested (a checkpoint is written then).
  ///
  /// - Parameters:
  ///   - checkpoint: of an interrupted run with the same network, options and memory; from the start when `nil`.
  ///   - control: asks for a stop.
  ///   - observer: hears of every update, epoch and checkpoint, on this thread; what it throws ends the training.
  /// - Returns: the online network's weights and the losses; after a stop those of the moment.
  /// - Throws: `TrainingError.lossNotFinite`, `TrainingError.checkpoint`; what the engine or the file throws.
  package func run(
    from checkpoint: TrainingCheckpoint? = nil,
    control: TrainingControl = TrainingControl(),
    observer: (TrainingEvent) throws -> Void = { _ in }
  ) throws -> FineTuningReport {
    if let checkpoint { try resume(from: checkpoint) }
    let clock = ContinuousClock()
    let start = clock.now
    var epochStart = start
    var lastSave = start
    let first = learner.updateCount
    let total = epochs * stepsPerEpoch
    var end = TrainingReport.End.finished

    func save(isLast: Bool = false) throws {
      guard let checkpoints else { return }
      let now = clock.now
      guard isLast || (now - lastSave) / .seconds(1) >= checkpoints.minimumSeconds else { return }
      lastSave = now
      try self.checkpoint().write(to: checkpoints.path)
      try observer(.checkpoint(path: checkpoints.path, step: learner.updateCount))
    }

    while learner.updateCount < total {
      if control.isStopRequested {
        end = .stoppedOnRequest
        break
      }
      learner.options.yield?()
      let update = try learner.update(from: memory)
      sum += Double(update.loss)
      let step = learner.updateCount
      let seconds = (clock.now - start) / .seconds(1)
      try observer(
        .step(
          StepProgress(
            epoch: (step - 1) / stepsPerEpoch + 1,
            epochs: epochs,
            batch: (step - 1) % stepsPerEpoch + 1,
            batches: stepsPerEpoch,
            loss: update.loss,
            accuracy: nil,
            learningRate: update.learningRate,
            examplesPerSecond: Double(learner.options.batchSize * (step - first))
              / max(seconds, 1e-9),
            secondsLeft: seconds / Double(step - first) * Double(total - step)
          )
        )
      )
      if step % stepsPerEpoch == 0 {
        let report = finishEpoch(step / stepsPerEpoch, since: &epochStart)
        try observer(.epoch(report))
        try save()
      } else if let interval = checkpoints?.everySteps, step % interval == 0 {
        try save()
      }
    }
    if end == .stoppedOnRequest { try save(isLast: true) }
    return FineTuningReport(
      end: end,
      epochs: history,
      bestEpoch: nil,
      steps: learner.updateCount,
      weights: try learner.weights(),
      frozenValues: .computedEachStep(reason: "reinforcement learning trains the whole network")
    )
  }

  private func finishEpoch(
    _ epoch: Int,
    since start: inout ContinuousClock.Instant
  ) -> EpochReport {
    let now = ContinuousClock().now
    let report = EpochReport(
      epoch: epoch,
      training: EvaluationMetrics(
        loss: sum / Double(stepsPerEpoch),
        accuracy: nil,
        count: stepsPerEpoch * learner.options.batchSize
      ),
      validation: nil,
      seconds: (now - start) / .seconds(1),
      isBest: true
    )
    start = now
    sum = 0
    history.append(report)
    return report
  }

  /// Everything needed to continue later; the memory's priorities are among the variables.
  private func checkpoint() throws -> TrainingCheckpoint {
    var variables = try learner.variables()
    variables[Self.sumName] = Tensor(scalar: sum)
    for entry in memory.saved() where Self.changing.contains(entry.name) {
      variables[Self.memoryPrefix + entry.name] = entry.tensor
    }
    return TrainingCheckpoint(
      step: learner.updateCount,
      seed: learner.options.seed,
      variables: variables,
      epochs: history
    )
  }

  private func resume(from checkpoint: TrainingCheckpoint) throws {
    guard checkpoint.seed == learner.options.seed else {
      throw TrainingError.checkpoint(
        "the checkpoint has seed \(checkpoint.seed), this training \(learner.options.seed)"
      )
    }
    let entries = memory.saved().map { entry in
      checkpoint.variables[Self.memoryPrefix + entry.name].map { NPZ.Entry(entry.name, $0) }
        ?? entry
    }
    try learner.resume(variables: checkpoint.variables, updateCount: checkpoint.step)
    try memory.restore(entries)
    history = checkpoint.epochs
    sum = checkpoint.variables[Self.sumName]?.elements(of: Double.self).first ?? 0
  }

  /// What learning changes in a memory that nothing is added to.
  private static let changing: Set<String> = ["priorities", "priority_max"]
  private static let memoryPrefix = "replay/"
  private static let sumName = "epoch/loss_sum"
}
