import Training

extension FineTuningSpecification {
  /// What the training engine is told.
  ///
  /// - Parameters:
  ///   - outputCount: labels or targets of the examples.
  ///   - exampleCount: examples that are trained on.
  ///   - settings: what the training may use of the machine.
  ///   - checkpoint: the file of its checkpoints; nil for none.
  ///   - yield: called between mini-batches and inside long ones.
  /// - Returns: the options, with a new head of `outputCount` outputs where one is asked for.
  func options(
    outputCount: Int,
    exampleCount: Int,
    settings: FineTuningSettings,
    checkpoint: String?,
    yield: @escaping @Sendable () -> Void
  ) -> FineTuningOptions {
    let chosen = hyperparameters.resolved(exampleCount: exampleCount)
    return FineTuningOptions(
      task: task,
      newClassCount: head == .replace ? outputCount : nil,
      freeze: freeze,
      dropout: chosen.dropoutChoice,
      epochs: chosen.epochs ?? 1,
      batchSize: chosen.batchSize ?? 1,
      optimizer: OptimizerChoice(rawValue: chosen.optimizer.rawValue) ?? .adamW,
      learningRate: chosen.learningRate.map { .absolute(Float($0)) }
        ?? .multiplier(Float(chosen.learningRateMultiplier ?? 1)),
      schedule: ScheduleChoice(rawValue: chosen.schedule.rawValue) ?? .cosine,
      warmUp: chosen.warmUp,
      weightDecay: chosen.weightDecay.map(Float.init),
      clipNorm: chosen.clipNorm.map(Float.init),
      earlyStoppingPatience: chosen.patience,
      seed: seed,
      augmentation: augmentation.map {
        ImageAugmentation(
          shift: $0.shift,
          flipsHorizontally: $0.horizontalFlip,
          rotation: Float($0.rotation),
          noise: Float($0.noise)
        )
      },
      frozenValuesByteCountMax: settings.frozenValuesBytes,
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
  }

  /// What the outputs mean.
  var task: FineTuningTask {
    switch objective {
    // Sequence models and policies have objectives of their own and do not ask.
    case .classification, .sequence, .reinforcement: .classification
    case .multiLabel: .multiLabel
    case .regression: .regression
    }
  }
}

extension FineTuningHyperparameters {
  var dropoutChoice: DropoutChoice {
    switch dropout {
    case nil, .off: .off
    case .on: .asInFile
    case .rate(let rate): .rate(Float(rate))
    }
  }
}
