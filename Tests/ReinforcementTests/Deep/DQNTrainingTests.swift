import Tensors
import TestSupport
import Testing
import Training

@testable import Reinforcement

@Suite struct DQNTrainingTests {
  /// Eight cells in a row: the right end pays 1 and ends the episode, every step costs 0.05.
  struct Corridor: Environment {
    let specification = EnvironmentSpecification(
      name: "Corridor",
      observation: .box(shape: [2], low: [-1, 0], high: [1, 1], fields: ["place", "start"]),
      actions: ["left", "right"],
      episodeStepsMax: 30
    )
    private var random = Philox(seed: 0)
    private var place = 0
    private var steps = 0

    mutating func reset(seed: UInt64?) {
      if let seed { random = Philox(seed: seed) }
      place = random.below(6)
      steps = 0
    }

    mutating func step(_ action: Int) -> StepResult {
      place = max(0, place + (action == 1 ? 1 : -1))
      steps += 1
      let isThere = place == 7
      return StepResult(
        reward: (isThere ? 1 : 0) - 0.05,
        isTerminated: isThere,
        isTruncated: !isThere && steps >= 30
      )
    }

    func observe(into observation: UnsafeMutableBufferPointer<Float>) {
      observation[0] = Float(place) / 4 - 1
      observation[1] = 1
    }
  }

  private func training(
    steps: Int,
    environment: any Environment = Corridor(),
    isPrioritized: Bool = false,
    checkpoint: String? = nil
  ) throws -> DQNTraining {
    let isPixels = environment is any PixelEnvironment
    let architecture =
      isPixels
      ? QNetworkArchitecture.smallPixels(actions: 3, isDueling: true)
      : QNetworkArchitecture.dense(observation: 2, actions: 2, hidden: [16], isDueling: true)
    return try DQNTraining(
      QNetwork(architecture.graph(seed: 1)),
      environment: environment,
      options: DQNTrainingOptions(
        steps: steps,
        warmUp: 100,
        exploration: EpsilonGreedy(.linear(rate: 1, final: 0.1, steps: 500)),
        returnSteps: 2,
        capacity: 400,
        draw: isPrioritized ? .prioritized() : .uniform,
        learning: DQNOptions(
          batchSize: 16,
          schedule: .constant(5e-3),
          clipping: .globalNorm(1),
          target: isPrioritized ? .soft(tau: 0.05) : .hard(every: 50),
          betaUpdates: 500,
          seed: 9
        ),
        evaluation: .init(everySteps: 300, episodes: 5, confirmingEpisodes: 5),
        seed: 5,
        checkpoints: checkpoint.map { CheckpointPolicy(path: $0, everySteps: 200) }
      )
    )
  }

  @Test func aCorridorIsLearnt() throws {
    let training = try training(steps: 2_000)
    let report = try training.run()
    #expect(report.end == .finished)
    #expect(report.steps >= 2_000)
    #expect(report.curve.count >= 6)
    // From place p it takes 7 - p steps: the mean over p = 0...5 is 1 - 0.05 * 4.5.
    let returns = try EpisodeReturns(in: Corridor(), episodes: 60, seed: 77) {
      try training.learner.greedyAction($0)
    }
    #expect(returns.mean > 0.7)
    #expect((report.bestReturn ?? 0) > 0.7)
  }

  @Test(arguments: [false, true]) func anInterruptedTrainingEndsWithTheSameBits(
    _ isPrioritized: Bool
  ) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/state.npz"
    let whole = try training(steps: 900, isPrioritized: isPrioritized)
    let expected = try whole.run()

    let first = try training(steps: 900, isPrioritized: isPrioritized, checkpoint: path)
    let control = TrainingControl()
    let stopped = try first.run(control: control) { event in
      if case .episode(let number, _, _) = event, number == 30 { control.requestStop() }
    }
    #expect(stopped.end == .stoppedOnRequest)
    #expect(stopped.steps > 100 && stopped.steps < 800)

    let second = try training(steps: 900, isPrioritized: isPrioritized)
    try second.resume(from: path)
    let resumed = try second.run()
    #expect(resumed.curve == expected.curve)
    #expect(resumed.episodes == expected.episodes)
    #expect(resumed.updates == expected.updates)
    #expect(resumed.weights == expected.weights)
    #expect(try second.learner.variables() == whole.learner.variables())
    #expect(second.memory.saved() == whole.memory.saved())
  }

  @Test func aTrainingFromPixelsResumesToo() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/state.npz"
    let game = Catch(isSmall: true)
    let expected = try training(steps: 160, environment: game).run()
    let first = try training(steps: 160, environment: game, checkpoint: path)
    let control = TrainingControl()
    _ = try first.run(control: control) { event in
      if case .episode(let number, _, _) = event, number == 6 { control.requestStop() }
    }
    let second = try training(steps: 160, environment: game)
    try second.resume(from: path)
    let resumed = try second.run()
    #expect(resumed.weights == expected.weights)
    #expect(resumed.curve == expected.curve)
  }

  @Test func checkpointsOfOtherTrainingsAreRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/state.npz"
    _ = try training(steps: 150, checkpoint: path).write(to: path)
    #expect(throws: (any Error).self) {
      try training(steps: 150, isPrioritized: true).resume(from: path)
    }
    #expect(throws: (any Error).self) {
      try training(steps: 150, environment: Catch(isSmall: true)).resume(from: path)
    }
    #expect(throws: (any Error).self) { try training(steps: 150).resume(from: path + "x") }
    #expect(throws: ReinforcementError.self) {
      try DQNTraining(
        QNetwork(QNetworkArchitecture.dense(observation: 2, actions: 3).graph(seed: 1)),
        environment: Corridor(),
        options: DQNTrainingOptions(steps: 10)
      )
    }
  }
}
