package import Training

/// How an agent plays and learns at the same time.
package struct DQNTrainingOptions: Sendable {
  /// Steps in the environment, at most.
  package var steps: Int
  /// Steps with random actions before the first update.
  package var warmUp: Int
  /// Steps from one update to the next.
  package var stepsPerUpdate: Int
  /// How actions are chosen after the warm-up.
  package var exploration: any Exploration
  /// Rewards that a return sums, n.
  package var returnSteps: Int
  /// Of a reward one step later, gamma.
  package var discount: Float
  /// What the replay memory holds, and how transitions are drawn from it.
  package var capacity: Int
  package var byteCountMax: Int
  package var draw: ReplayOptions.Draw
  /// How the network learns.
  package var learning: DQNOptions
  package var evaluation: Evaluation
  /// Seeds episodes and exploration.
  package var seed: UInt64
  package var checkpoints: CheckpointPolicy?

  /// Episodes played greedily, on other seeds than those of the training.
  package struct Evaluation: Sendable, Equatable {
    /// Steps from one to the next; they fall on the ends of episodes.
    package var everySteps: Int
    package var episodes: Int
    /// A mean return that ends the training, where more episodes confirm it.
    package var target: Double?
    /// Episodes that confirm it, and that decide between two good networks.
    package var confirmingEpisodes: Int

    package init(
      everySteps: Int = 2_500,
      episodes: Int = 20,
      target: Double? = nil,
      confirmingEpisodes: Int = 100
    ) {
      self.everySteps = everySteps
      self.episodes = episodes
      self.target = target
      self.confirmingEpisodes = confirmingEpisodes
    }
  }

  package init(
    steps: Int,
    warmUp: Int = 1_000,
    stepsPerUpdate: Int = 1,
    exploration: any Exploration = EpsilonGreedy(.linear(rate: 1, final: 0.05, steps: 10_000)),
    returnSteps: Int = 1,
    discount: Float = 0.99,
    capacity: Int = 50_000,
    byteCountMax: Int = 1 << 30,
    draw: ReplayOptions.Draw = .uniform,
    learning: DQNOptions = DQNOptions(),
    evaluation: Evaluation = Evaluation(),
    seed: UInt64 = 0,
    checkpoints: CheckpointPolicy? = nil
  ) {
    self.steps = steps
    self.warmUp = warmUp
    self.stepsPerUpdate = stepsPerUpdate
    self.exploration = exploration
    self.returnSteps = returnSteps
    self.discount = discount
    self.capacity = capacity
    self.byteCountMax = byteCountMax
    self.draw = draw
    self.learning = learning
    self.evaluation = evaluation
    self.seed = seed
    self.checkpoints = checkpoints
  }

  /// Refuses numbers that make no sense.
  func validate() throws(TrainingError) {
    for (name, value) in [
      ("steps", steps), ("warm-up", warmUp), ("steps per update", stepsPerUpdate),
      ("steps between evaluations", evaluation.everySteps),
      ("episodes of an evaluation", evaluation.episodes),
      ("confirming episodes", evaluation.confirmingEpisodes),
      ("checkpoint interval", checkpoints?.everySteps ?? 1),
    ] where value < 1 {
      throw .option("\(name) is \(value); it must be at least 1")
    }
  }
}
