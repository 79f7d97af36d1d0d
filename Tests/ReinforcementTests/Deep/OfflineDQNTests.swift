import Tensors
import TestSupport
import Testing
import Training

@testable import Reinforcement

@Suite struct OfflineDQNTests {
  /// Random play in the corridor.
  private func memory(_ draw: ReplayOptions.Draw = .uniform) throws -> ReplayMemory {
    let memory = try ReplayMemory(
      ReplayOptions(observations: .rows([2]), actionCount: 2, capacity: 600, draw: draw)
    )
    var environment = DQNTrainingTests.Corridor()
    var recorder = try ReplayRecorder(discount: 0.95)
    var random = Philox(seed: 3)
    while memory.count < 600 {
      environment.reset(seed: random.next())
      try recorder.begin(environment.observation, in: memory)
      var isEnd = false
      while !isEnd {
        let action = random.below(2)
        let result = environment.step(action)
        try recorder.record(action, result, environment.observation, in: memory)
        isEnd = result.isEnd
      }
    }
    return memory
  }

  private func offline(
    _ memory: ReplayMemory,
    epochs: Int,
    checkpoints: CheckpointPolicy? = nil
  ) throws -> OfflineDQN {
    let architecture = QNetworkArchitecture.dense(observation: 2, actions: 2, hidden: [16])
    return try OfflineDQN(
      QNetwork(architecture.graph(seed: 2)),
      options: DQNOptions(
        batchSize: 32,
        schedule: .constant(5e-3),
        target: .hard(every: 20),
        betaUpdates: 100,
        seed: 4
      ),
      memory: memory,
      epochs: epochs,
      checkpoints: checkpoints
    )
  }

  @Test func aPolicyIsLearntFromRandomPlay() throws {
    let offline = try offline(memory(), epochs: 40)
    var events = 0
    let report = try offline.run { event in
      if case .step = event { events += 1 }
    }
    #expect(report.end == .finished)
    #expect(report.steps == 40 * offline.stepsPerEpoch)
    #expect(events == report.steps)
    #expect(report.epochs.map(\.epoch) == Array(1...40))
    #expect(offline.trainedParameterCount == 2 * 16 + 16 + 16 * 2 + 2)
    let returns = try EpisodeReturns(in: DQNTrainingTests.Corridor(), episodes: 40, seed: 8) {
      try offline.learner.greedyAction($0)
    }
    #expect(returns.mean > 0.7)
  }

  @Test func aStoppedRunGoesOnWithTheSameBits() throws {
    let draw = ReplayOptions.Draw.prioritized()
    let expected = try offline(memory(draw), epochs: 3).run()
    let folder = try TemporaryFolder()
    let path = folder.path + "/state.npz"
    let control = TrainingControl()
    let policy = CheckpointPolicy(path: path)
    let stopped = try offline(memory(draw), epochs: 3, checkpoints: policy).run(control: control) {
      if case .step(let progress) = $0, progress.epoch == 2, progress.batch == 5 {
        control.requestStop()
      }
    }
    #expect(stopped.end == .stoppedOnRequest)
    let checkpoint = try TrainingCheckpoint(contentsOf: path)
    let resumed = try offline(memory(draw), epochs: 3).run(from: checkpoint)
    #expect(resumed.weights == expected.weights)
    #expect(resumed.steps == expected.steps)
    #expect(resumed.epochs.map(\.training) == expected.epochs.map(\.training))
  }

  @Test func emptyMemoriesAndImpossibleEpochsAreRefused() throws {
    let empty = try ReplayMemory(
      ReplayOptions(observations: .rows([2]), actionCount: 2, capacity: 5)
    )
    #expect(throws: ReinforcementError.self) { try offline(empty, epochs: 1) }
    #expect(throws: TrainingError.self) { try offline(memory(), epochs: 0) }
  }
}
