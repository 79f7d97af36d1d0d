import Tensors
package import Training

/// An agent that learns the values of its actions while it plays: acts, records, updates, evaluates, keeps its best network.
///
/// The run is a function of network, environment and options. Every episode begins with a seed of its own and checkpoints fall between
/// episodes, so that a training resumed from one ends with the same bits as one that was never interrupted.
package final class DQNTraining {
  package let options: DQNTrainingOptions
  package let learner: DQNLearner
  package let memory: ReplayMemory

  /// As it was given; episodes are played on copies.
  private let environment: any Environment
  private var recorder: ReplayRecorder
  var progress: Progress

  /// Where a training is, between two episodes; with the learner's variables and the memory it is the whole state.
  struct Progress: Sendable {
    var step = 0
    var episode = 0
    /// Random words that exploration has drawn.
    var drawCount: UInt64 = 0
    var curve: [DQNCurvePoint] = []
    var lossSum = 0.0
    var lossCount = 0
    var best: (meanReturn: Double, weights: [String: Tensor])?
    var isTargetReached = false
  }

  /// Streams of random numbers.
  private enum Stream {
    static let exploration: UInt64 = 1
    static let episodes: UInt64 = 2
    static let evaluations: UInt64 = 3
    static let confirmations: UInt64 = 4
  }

  /// Prepares a training.
  ///
  /// - Parameters:
  ///   - network: its weights are where learning starts.
  ///   - environment: played on copies; frames of a `PixelEnvironment` are stored once.
  ///   - options: how.
  /// - Throws: `TrainingError.option`, `ReinforcementError.network` for a network that does not fit the environment, as `DQNLearner`.
  package init(
    _ network: QNetwork,
    environment: any Environment,
    options: DQNTrainingOptions
  ) throws {
    try options.validate()
    self.options = options
    self.environment = environment
    let specification = environment.specification
    let observations: ReplayOptions.Observations
    switch specification.observation {
    case .box(let shape, _, _, _):
      if let pixels = environment as? any PixelEnvironment {
        observations = .frames(
          count: FrameStack.count,
          height: pixels.frameHeight,
          width: pixels.frameWidth
        )
      } else {
        observations = .rows(shape)
      }
    case .discrete: observations = .rows([])
    }
    guard network.actionCount == specification.actions.count else {
      throw ReinforcementError.network(
        "it values \(network.actionCount) actions, \(specification.name) has \(specification.actions.count)"
      )
    }
    memory = try ReplayMemory(
      ReplayOptions(
        observations: observations,
        actionCount: network.actionCount,
        capacity: options.capacity,
        byteCountMax: options.byteCountMax,
        draw: options.draw
      )
    )
    learner = try DQNLearner(
      network,
      options: options.learning,
      observationShape: observations.shape
    )
    recorder = try ReplayRecorder(steps: options.returnSteps, discount: options.discount)
    progress = Progress()
  }

  /// Plays and learns until the steps are done, the target is reached, or a stop is requested.
  ///
  /// - Parameters:
  ///   - control: asks for a stop, which comes after the present episode; a checkpoint is written then where there are any.
  ///   - observer: hears of episodes, evaluations and checkpoints, on this thread; what it throws ends the training.
  /// - Returns: the curve and the weights to keep.
  /// - Throws: `TrainingError.lossNotFinite`; what the engine or the checkpoint's file throws.
  package func run(
    control: TrainingControl = TrainingControl(),
    observer: (DQNEvent) throws -> Void = { _ in }
  ) throws -> DQNReport {
    var end = TrainingReport.End.finished
    var lastSave = ContinuousClock().now
    var stepOfSave = progress.step
    func save(isLast: Bool = false) throws {
      guard let policy = options.checkpoints else { return }
      let now = ContinuousClock().now
      let isDue = progress.step - stepOfSave >= policy.everySteps ?? options.evaluation.everySteps
      guard isLast || isDue && (now - lastSave) / .seconds(1) >= policy.minimumSeconds else {
        return
      }
      (lastSave, stepOfSave) = (now, progress.step)
      try write(to: policy.path)
      try observer(.checkpoint(path: policy.path, step: progress.step))
    }

    while progress.step < options.steps, !progress.isTargetReached {
      if control.isStopRequested {
        end = .stoppedOnRequest
        break
      }
      let before = progress.step
      let reward = try playEpisode()
      try observer(
        .episode(number: progress.episode, step: progress.step, reward: reward)
      )
      let interval = options.evaluation.everySteps
      if progress.step / interval > before / interval || progress.step >= options.steps {
        try observer(.evaluation(try evaluate()))
      }
      try save()
    }
    if end == .stoppedOnRequest { try save(isLast: true) }
    return DQNReport(
      end: end,
      steps: progress.step,
      episodes: progress.episode,
      updates: learner.updateCount,
      curve: progress.curve,
      bestReturn: progress.best?.meanReturn,
      weights: try progress.best?.weights ?? learner.weights()
    )
  }

  /// One episode with exploration, and the updates that fall into it; gives the sum of its rewards.
  private func playEpisode() throws -> Double {
    var environment = environment
    environment.reset(seed: Self.seed(options.seed, Stream.episodes, progress.episode))
    var random = Philox(
      seed: options.seed,
      stream: Stream.exploration,
      position: progress.drawCount
    )
    var observation = environment.observation
    try recorder.begin(observation, frame: frame(of: environment), in: memory)
    var sum = 0.0
    while true {
      let action = try observation.withUnsafeBufferPointer { observation in
        let row = ActionRow(values: try learner.evaluate(observation), step: progress.step)
        return progress.step < options.warmUp
          ? RandomExploration().choose(row, using: &random)
          : options.exploration.choose(row, using: &random)
      }
      let result = environment.step(action)
      observation.withUnsafeMutableBufferPointer { environment.observe(into: $0) }
      try recorder.record(action, result, observation, frame: frame(of: environment), in: memory)
      sum += result.reward
      progress.step += 1
      if progress.step >= options.warmUp, progress.step % options.stepsPerUpdate == 0,
        memory.count > 0
      {
        progress.lossSum += Double(try learner.update(from: memory).loss)
        progress.lossCount += 1
      }
      if result.isEnd { break }
    }
    progress.drawCount = random.position
    progress.episode += 1
    return sum
  }

  /// Plays greedily; keeps the network where it is the best so far.
  private func evaluate() throws -> DQNCurvePoint {
    let number = progress.curve.count
    let mean = try meanReturn(
      options.evaluation.episodes,
      seed: Self.seed(options.seed, Stream.evaluations, number)
    )
    var isBest = false
    if mean >= min(progress.best?.meanReturn ?? -.infinity, options.evaluation.target ?? .infinity)
    {
      let confirmed = try meanReturn(
        options.evaluation.confirmingEpisodes,
        seed: Self.seed(options.seed, Stream.confirmations, 0)
      )
      isBest = confirmed > progress.best?.meanReturn ?? -.infinity
      if isBest { progress.best = (confirmed, try learner.weights()) }
      if let target = options.evaluation.target, confirmed >= target {
        progress.isTargetReached = true
      }
    }
    let point = DQNCurvePoint(
      step: progress.step,
      meanReturn: mean,
      loss: progress.lossCount > 0 ? progress.lossSum / Double(progress.lossCount) : 0,
      isBest: isBest
    )
    progress.curve.append(point)
    (progress.lossSum, progress.lossCount) = (0, 0)
    return point
  }

  private func meanReturn(_ episodes: Int, seed: UInt64) throws -> Double {
    try EpisodeReturns(in: environment, episodes: episodes, seed: seed) {
      try learner.greedyAction($0)
    }.mean
  }

  private func frame(of environment: any Environment) -> [UInt8]? {
    guard let pixels = environment as? any PixelEnvironment else { return nil }
    let size = pixels.frameHeight * pixels.frameWidth
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      // Bytes without a meaning are no danger, but the writer may not set all of them.
      buffer.initialize(repeating: 0)
      pixels.writeFrame(into: UnsafeMutableBufferPointer(rebasing: buffer[..<size]))
      count = size
    }
  }

  /// A seed for one of many: the first two words of a block.
  private static func seed(_ seed: UInt64, _ stream: UInt64, _ index: Int) -> UInt64 {
    let block = Philox.block(seed: seed, stream: stream, index: UInt64(index))
    return UInt64(block.0) | UInt64(block.1) << 32
  }
}
