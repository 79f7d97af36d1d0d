import Reinforcement
import Training

/// A prepared training of a policy on stored transitions: deep Q-learning without an environment.
///
/// One-step returns (what clients send need not be in the order of episodes), double learning, a target network.
final class AgentTuning: TuningRun {
  let options: FineTuningOptions
  let hyperparameters: ReinforcementHyperparameters
  private let training: OfflineDQN

  var stepsPerEpoch: Int { training.stepsPerEpoch }
  var trainedParameterCount: Int { training.trainedParameterCount }

  /// - Throws: `TrainingError.option`, `ReinforcementError`, `FineTuningError`.
  init(
    _ specification: FineTuningSpecification,
    _ base: AgentBaseVersion,
    _ examples: AgentExamples,
    settings: FineTuningSettings,
    checkpoint: String?,
    yield: @escaping @Sendable () -> Void
  ) throws {
    let chosen = (specification.reinforcement ?? .init()).resolved(count: examples.training.count)
    hyperparameters = chosen
    let rate = Float(chosen.learningRate ?? 0)
    options = FineTuningOptions(
      epochs: chosen.epochs ?? 1,
      batchSize: chosen.batchSize ?? 1,
      optimizer: .adam,
      learningRate: .absolute(rate),
      schedule: .constant,
      warmUp: 0,
      seed: specification.seed,
      checkpoints: checkpoint.map {
        CheckpointPolicy(
          path: $0,
          everySteps: settings.checkpointSteps,
          minimumSeconds: settings.checkpointSeconds
        )
      },
      threads: settings.threads,
      yield: yield
    )
    training = try OfflineDQN(
      base.network,
      options: DQNOptions(
        batchSize: options.batchSize,
        schedule: .constant(rate),
        isDouble: chosen.isDouble,
        target: .hard(every: chosen.targetUpdates ?? 1),
        conservatism: Float(chosen.conservatism ?? 0),
        seed: specification.seed,
        threads: settings.threads,
        yield: yield
      ),
      memory: examples.training,
      epochs: options.epochs,
      checkpoints: options.checkpoints
    )
  }

  func run(
    from checkpoint: TrainingCheckpoint?,
    control: TrainingControl,
    observer: (TrainingEvent) throws -> Void
  ) throws -> FineTuningReport {
    try training.run(from: checkpoint, control: control, observer: observer)
  }
}
