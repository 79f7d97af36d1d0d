package import Training

/// How a Q-network learns from a replay memory.
package struct DQNOptions: Sendable {
  /// How the target network follows the online one.
  package enum TargetUpdate: Sendable, Equatable {
    /// Takes its weights after every so many updates (Mnih et al. 2015).
    case hard(every: Int)
    /// target = target + tau (online - target) after every update (Lillicrap et al. 2016).
    case soft(tau: Float)
  }

  /// Transitions in an update.
  package var batchSize: Int
  package var optimizer: any Optimizer
  /// The learning rate by number of the update.
  package var schedule: LearningRateSchedule
  package var clipping: GradientClipping
  /// Where the loss goes from quadratic to linear.
  package var huberDelta: Float
  /// The online network chooses the next action, the target network values it (van Hasselt, Guez, Silver 2016).
  package var isDouble: Bool
  package var target: TargetUpdate
  /// How strongly actions that the memory does not show are held down; 0 for not at all.
  ///
  /// Adds this times the mean of log sum_b exp q(s, b) - q(s, a) to the loss (Kumar and others 2020, Conservative Q-learning for offline
  /// reinforcement learning, equation 4).
  package var conservatism: Float
  /// The exponent of the importance weights, from the first update and at the last of `betaUpdates`, for prioritised memories.
  package var beta: ClosedRange<Double>
  package var betaUpdates: Int
  /// Seeds the draws from the memory; each update has random numbers of its own.
  package var seed: UInt64
  package var threads: Int
  /// As in `SessionOptions`: a background training lets others go first there.
  package var yield: (@Sendable () -> Void)?

  package init(
    batchSize: Int = 32,
    optimizer: any Optimizer = Adam(),
    schedule: LearningRateSchedule = .constant(2.5e-4),
    clipping: GradientClipping = .none,
    huberDelta: Float = 1,
    isDouble: Bool = true,
    target: TargetUpdate = .hard(every: 500),
    conservatism: Float = 0,
    beta: ClosedRange<Double> = 0.4...1,
    betaUpdates: Int = 100_000,
    seed: UInt64 = 0,
    threads: Int = 1,
    yield: (@Sendable () -> Void)? = nil
  ) {
    self.batchSize = batchSize
    self.optimizer = optimizer
    self.schedule = schedule
    self.clipping = clipping
    self.huberDelta = huberDelta
    self.isDouble = isDouble
    self.target = target
    self.conservatism = conservatism
    self.beta = beta
    self.betaUpdates = betaUpdates
    self.seed = seed
    self.threads = threads
    self.yield = yield
  }

  /// Largest number of transitions in an update.
  package static let batchSizeMax = 1 << 16

  /// Refuses numbers that make no sense.
  func validate() throws(TrainingError) {
    guard (1...Self.batchSizeMax).contains(batchSize) else {
      throw .option("batch size is \(batchSize); it must be from 1 to \(Self.batchSizeMax)")
    }
    guard threads >= 1 else { throw .option("threads is \(threads); it must be at least 1") }
    guard huberDelta.isFinite, huberDelta > 0 else {
      throw .option("Huber delta is \(huberDelta); it must be above 0")
    }
    switch target {
    case .hard(let every):
      guard every >= 1 else {
        throw .option("the target follows every \(every) updates; it must be at least 1")
      }
    case .soft(let tau):
      guard tau > 0, tau <= 1 else { throw .option("tau is \(tau); it must be above 0, up to 1") }
    }
    guard conservatism.isFinite, conservatism >= 0 else {
      throw .option("conservatism is \(conservatism); it must be 0 or more")
    }
    guard beta.lowerBound >= 0, beta.upperBound.isFinite, betaUpdates >= 1 else {
      throw .option("beta \(beta) over \(betaUpdates) updates; expected 0 or more, over at least 1")
    }
  }

  /// The exponent of the importance weights in an update, counted from 0.
  func beta(at update: Int) -> Double {
    let progress = min(Double(update) / Double(betaUpdates), 1)
    return beta.lowerBound + (beta.upperBound - beta.lowerBound) * progress
  }
}
