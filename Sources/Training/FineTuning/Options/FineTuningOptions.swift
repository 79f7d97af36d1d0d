/// How a model is fine-tuned.
package struct FineTuningOptions: Sendable {
  package var task: FineTuningTask
  /// Replaces the head by one of so many classes, labels or targets with fresh weights; keeps it when `nil`.
  package var newClassCount: Int?
  /// Patterns of layer or variable names that stay as they are, such as `conv*`.
  package var freeze: [String]
  package var dropout: DropoutChoice
  package var epochs: Int
  package var batchSize: Int
  package var optimizer: OptimizerChoice
  package var learningRate: LearningRateChoice
  package var schedule: ScheduleChoice
  /// The share of all steps in which the rate rises from 0; for schedules that change it.
  package var warmUp: Double
  /// Of weights, not of biases and normalisations; the optimiser's usual one when `nil`.
  package var weightDecay: Float?
  /// Scales all gradients down where their common L2 norm is above it.
  package var clipNorm: Float?
  /// Ends the training after so many epochs without a better validation, and goes back to the best one.
  package var earlyStoppingPatience: Int?
  /// Of new weights, the order of examples, dropout and augmentation.
  package var seed: UInt64
  package var augmentation: ImageAugmentation?
  /// Bytes that precomputed values of frozen layers may take; 0 computes them anew in every step.
  package var frozenValuesByteCountMax: Int
  package var checkpoints: CheckpointPolicy?
  package var threads: Int
  package var evaluationBatchSize: Int
  /// Called between mini-batches and within long ones: lets others go first.
  package var yield: (@Sendable () -> Void)?

  package init(
    task: FineTuningTask = .classification,
    newClassCount: Int? = nil,
    freeze: [String] = [],
    dropout: DropoutChoice = .off,
    epochs: Int = 10,
    batchSize: Int = 32,
    optimizer: OptimizerChoice = .adamW,
    learningRate: LearningRateChoice = .multiplier(1),
    schedule: ScheduleChoice = .cosine,
    warmUp: Double = 0.05,
    weightDecay: Float? = nil,
    clipNorm: Float? = nil,
    earlyStoppingPatience: Int? = nil,
    seed: UInt64 = 0,
    augmentation: ImageAugmentation? = nil,
    frozenValuesByteCountMax: Int = 1 << 29,
    checkpoints: CheckpointPolicy? = nil,
    threads: Int = 1,
    evaluationBatchSize: Int = 100,
    yield: (@Sendable () -> Void)? = nil
  ) {
    self.task = task
    self.newClassCount = newClassCount
    self.freeze = freeze
    self.dropout = dropout
    self.epochs = epochs
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.schedule = schedule
    self.warmUp = warmUp
    self.weightDecay = weightDecay
    self.clipNorm = clipNorm
    self.earlyStoppingPatience = earlyStoppingPatience
    self.seed = seed
    self.augmentation = augmentation
    self.frozenValuesByteCountMax = frozenValuesByteCountMax
    self.checkpoints = checkpoints
    self.threads = threads
    self.evaluationBatchSize = evaluationBatchSize
    self.yield = yield
  }

  /// Examples in a batch, of training or evaluation.
  package static let batchSizeMax = 1 << 20
  /// Passes over the examples.
  package static let epochsMax = 1_000_000

  /// The highest learning rate.
  package var peakRate: Float {
    switch learningRate {
    case .absolute(let rate): rate
    case .multiplier(let factor): optimizer.defaultRate * factor
    }
  }

  func validate(hasValidation: Bool) throws(FineTuningError) {
    for (name, number, limit) in [
      ("epochs", epochs, Self.epochsMax), ("batch size", batchSize, Self.batchSizeMax),
      ("evaluation batch size", evaluationBatchSize, Self.batchSizeMax),
    ] where number < 1 || number > limit {
      throw .option("\(name) is \(number); it must be from 1 to \(limit)")
    }
    for (name, number) in [
      ("learning rate", peakRate), ("weight decay", weightDecay ?? 0), ("clip norm", clipNorm ?? 1),
    ] where !number.isFinite || number < 0 {
      throw .option("\(name) is \(number); it must be a number of 0 or more")
    }
    guard clipNorm != 0 else { throw .option("clip norm is 0; it must be above 0") }
    guard (0...1).contains(warmUp) else {
      throw .option("warm-up is \(warmUp); it must be a share of the steps, 0 to 1")
    }
    if case .rate(let rate) = dropout, !(rate >= 0 && rate < 1) {
      throw .option("dropout is \(rate); it must be at least 0 and below 1")
    }
    if let patience = earlyStoppingPatience {
      guard patience >= 1 else { throw .option("patience is \(patience); it must be at least 1") }
      guard hasValidation else { throw .option("early stopping needs validation examples") }
    }
    guard frozenValuesByteCountMax >= 0 else {
      throw .option("\(frozenValuesByteCountMax) bytes for frozen values; expected 0 or more")
    }
  }

  /// What the trainer is told, for so many examples; after `validate`.
  func trainingOptions(exampleCount: Int) throws(FineTuningError) -> TrainingOptions {
    try trainingOptions(stepsPerEpoch: (exampleCount - 1) / batchSize + 1)
  }

  /// What the trainer is told, for epochs of so many steps; after `validate`.
  func trainingOptions(stepsPerEpoch: Int) throws(FineTuningError) -> TrainingOptions {
    let (steps, overflow) = stepsPerEpoch.multipliedReportingOverflow(by: epochs)
    guard !overflow else { throw .option("\(epochs) epochs are too many") }
    return TrainingOptions(
      epochs: epochs,
      batchSize: batchSize,
      seed: seed,
      schedule: schedule.schedule(rate: peakRate, steps: steps, warmUp: warmUp),
      earlyStopping: earlyStoppingPatience.map { EarlyStopping(patience: $0) },
      checkpoints: checkpoints,
      threads: threads,
      evaluationBatchSize: evaluationBatchSize,
      yield: yield
    )
  }
}
