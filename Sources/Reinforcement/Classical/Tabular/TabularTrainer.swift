import Tensors

/// Plays episodes and learns from every step.
///
/// The agent's draws are stream `TabularTrainer.stream` of its seed, the environment's are its own, started with the same seed at the
/// first episode: a training is a function of the seed.
package struct TabularTrainer: Sendable {
  /// The stream of random numbers from which actions are drawn.
  package static let stream: UInt64 = 0x7AB1_E000

  package private(set) var learner: any TabularLearner
  /// Environment steps so far, by which schedules go.
  package private(set) var steps = 0
  private var environment: any TabularEnvironment
  private let exploration: any Exploration
  private let seed: UInt64
  private var random: Philox

  /// A trainer before its first episode.
  ///
  /// - Precondition: The learner's table has the environment's states and actions.
  package init(
    _ learner: any TabularLearner,
    in environment: any TabularEnvironment,
    exploration: any Exploration,
    seed: UInt64
  ) {
    let process = environment.process
    precondition(
      learner.table.stateCount == process.stateCount
        && learner.table.actionCount == process.actionCount,
      "a table of \(learner.table.stateCount) states and \(learner.table.actionCount) actions for \(process.stateCount) and \(process.actionCount)"
    )
    self.learner = learner
    self.environment = environment
    self.exploration = exploration
    self.seed = seed
    random = Philox(seed: seed, stream: Self.stream)
  }

  /// Plays one episode.
  ///
  /// The next action is drawn before the step is learnt from, so that SARSA can do both with it.
  ///
  /// - Returns: The sum of rewards.
  package mutating func playEpisode() -> Double {
    environment.reset(seed: steps == 0 ? seed : nil)
    var state = environment.state
    var action = choose(state)
    var sum = 0.0
    while true {
      let result = environment.step(action)
      steps += 1
      sum += result.reward
      let next = environment.state
      let nextAction = choose(next)
      learner.learn(
        TabularTransition(
          state: state,
          action: action,
          reward: Float(result.reward),
          next: next,
          isTerminated: result.isTerminated
        ),
        nextAction: nextAction
      )
      if result.isEnd { return sum }
      state = next
      action = nextAction
    }
  }

  private mutating func choose(_ state: Int) -> Int {
    learner.table.withRow(state, step: steps) { exploration.choose($0, using: &random) }
  }
}
