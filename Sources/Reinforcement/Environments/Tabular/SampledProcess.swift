/// A Markov decision process played by drawing what follows, with the draws of Gymnasium's toy-text environments.
///
/// One uniform number per reset and per step, compared with the running sums of the probabilities in the order of the table
/// (`categorical_sample`), so that a seed gives Gymnasium's very episode.
package struct SampledProcess: TabularEnvironment {
  package let specification: EnvironmentSpecification
  package let process: MarkovDecisionProcess
  /// Of each state, to be the first of an episode.
  package let startProbabilities: [Double]
  package private(set) var state = 0

  private let startSums: [Double]
  private let episodeStepsMax: Int
  private var stepCount = 0
  private var random = PCG64(seed: 0)

  /// An environment that shows its state's number.
  ///
  /// `startProbabilities` are of every state to be the first of an episode, `actions` the names of the process's actions. Until the
  /// first `reset(seed:)` with a seed it draws as seeded with 0.
  ///
  /// - Throws: `ReinforcementError.environment` where names or probabilities do not fit the process, or an action is missing in a state.
  package init(
    name: String,
    process: MarkovDecisionProcess,
    startProbabilities: [Double],
    actions: [String],
    episodeStepsMax: Int,
    rewardThreshold: Double? = nil
  ) throws(ReinforcementError) {
    guard actions.count == process.actionCount, !process.outcomes.contains(where: \.isEmpty) else {
      throw .environment(
        "\(name): \(actions.count) actions, \(process.actionCount) in every state expected"
      )
    }
    let sum = startProbabilities.reduce(0, +)
    guard startProbabilities.count == process.stateCount,
      startProbabilities.allSatisfy({ $0 >= 0 }),
      abs(sum - 1) <= MarkovDecisionProcess.probabilityTolerance
    else {
      throw .environment(
        "\(name): \(startProbabilities.count) start probabilities adding up to \(sum) for \(process.stateCount) states"
      )
    }
    var running = 0.0
    startSums = startProbabilities.map { probability in
      running += probability
      return running
    }
    specification = EnvironmentSpecification(
      name: name,
      observation: .discrete(count: process.stateCount),
      actions: actions,
      episodeStepsMax: episodeStepsMax,
      rewardThreshold: rewardThreshold
    )
    self.process = process
    self.startProbabilities = startProbabilities
    self.episodeStepsMax = episodeStepsMax
  }

  package mutating func reset(seed: UInt64?) {
    if let seed { random = PCG64(seed: seed) }
    let draw = random.random()
    // Rounding may leave the last sum below the draw; numpy's argmax over nothing is then 0.
    state = startSums.firstIndex { $0 > draw } ?? 0
    stepCount = 0
  }

  package mutating func step(_ action: Int) -> StepResult {
    let outcome = drawOutcome(action)
    state = outcome.next
    stepCount += 1
    return StepResult(
      reward: outcome.reward,
      isTerminated: outcome.isTerminal,
      isTruncated: stepCount >= episodeStepsMax
    )
  }

  private mutating func drawOutcome(_ action: Int) -> MarkovDecisionProcess.Outcome {
    let draw = random.random()
    let outcomes = process.outcomes(state: state, action: action)
    var running = 0.0
    for outcome in outcomes {
      running += outcome.probability
      if running > draw { return outcome }
    }
    return outcomes[0]
  }
}
