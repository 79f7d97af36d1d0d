import Foundation
import GraphIR
import Tensors
import Testing

@testable import Training

@Suite struct FineTuningResumeTests {
  /// Everything with state: batch normalisation, dropout, augmentation or precomputed values, Adam, early stopping.
  private static func fineTuning(
    freeze: [String],
    augmentation: ImageAugmentation? = nil,
    checkpoints: CheckpointPolicy? = nil,
    byteCountMax: Int = 1 << 20
  ) throws -> FineTuning {
    try FineTuning(
      FineTunableModel(SmallModels.convolutional()),
      options: FineTuningOptions(
        freeze: freeze,
        dropout: .rate(0.3),
        epochs: 3,
        batchSize: 8,
        earlyStoppingPatience: 5,
        seed: 11,
        augmentation: augmentation,
        frozenValuesByteCountMax: byteCountMax,
        checkpoints: checkpoints
      ),
      training: SmallModels.pictures(30),
      validation: SmallModels.pictures(12, seed: 2)
    )
  }

  private static func temporaryPath() -> String {
    FileManager.default.temporaryDirectory
      .appendingPathComponent("martlet-\(UUID().uuidString).npz").path
  }

  private struct Crash: Error {}

  /// Four steps an epoch: stops in the middle, at and after the end of epochs.
  @Test(arguments: [1, 3, 4, 5, 8, 11])
  func aStopAndAResumeGiveTheSameBits(_ steps: Int) throws {
    for (freeze, augmentation) in [
      (["conv1"], ImageAugmentation(shift: 1, flipsHorizontally: true, rotation: 10, noise: 0.1)),
      (["conv*", "norm2"], nil),
    ] {
      let path = Self.temporaryPath()
      defer { try? FileManager.default.removeItem(atPath: path) }
      let expected = try Self.fineTuning(freeze: freeze, augmentation: augmentation).run()
      let policy = CheckpointPolicy(path: path)
      let control = TrainingControl()
      var count = 0
      let partial = try Self.fineTuning(
        freeze: freeze,
        augmentation: augmentation,
        checkpoints: policy
      ).run(control: control) { event in
        if case .step = event { count += 1 }
        if count == steps { control.requestStop() }
      }
      #expect(partial.end == .stoppedOnRequest && partial.steps == steps)
      let resumed = try Self.fineTuning(freeze: freeze, augmentation: augmentation)
        .run(from: TrainingCheckpoint(contentsOf: path))
      #expect(resumed.weights == expected.weights)
      #expect(resumed.steps == expected.steps && resumed.bestEpoch == expected.bestEpoch)
      #expect(resumed.epochs.map(\.training) == expected.epochs.map(\.training))
      #expect(resumed.epochs.map(\.validation) == expected.epochs.map(\.validation))
    }
  }

  @Test(arguments: [2, 6, 7, 10])
  func aKilledRunGoesOnFromItsLastCheckpoint(_ steps: Int) throws {
    let path = Self.temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let expected = try Self.fineTuning(freeze: ["conv*", "norm2"]).run()
    let policy = CheckpointPolicy(path: path, everySteps: 2)
    var count = 0
    #expect(throws: Crash.self) {
      try Self.fineTuning(freeze: ["conv*", "norm2"], checkpoints: policy).run { event in
        if case .step = event { count += 1 }
        // Dies after the step and before its checkpoint.
        if count == steps { throw Crash() }
      }
    }
    let checkpoint =
      FileManager.default.fileExists(atPath: path)
      ? try TrainingCheckpoint(contentsOf: path) : nil
    #expect((checkpoint?.step ?? 0) < steps)
    let resumed = try Self.fineTuning(freeze: ["conv*", "norm2"]).run(from: checkpoint)
    #expect(resumed.weights == expected.weights)
    #expect(resumed.epochs.count == expected.epochs.count)
  }

  @Test func whetherValuesArePrecomputedMayChangeBetweenRuns() throws {
    let freeze = ["conv*", "norm2"]
    let expected = try Self.fineTuning(freeze: freeze).run()
    for (first, second) in [(1 << 20, 0), (0, 1 << 20)] {
      let path = Self.temporaryPath()
      defer { try? FileManager.default.removeItem(atPath: path) }
      let control = TrainingControl()
      _ = try Self.fineTuning(
        freeze: freeze,
        checkpoints: CheckpointPolicy(path: path),
        byteCountMax: first
      ).run(control: control) { event in
        if case .step(let progress) = event, progress.epoch == 2 { control.requestStop() }
      }
      let resumed = try Self.fineTuning(freeze: freeze, byteCountMax: second)
        .run(from: TrainingCheckpoint(contentsOf: path))
      for (name, value) in expected.weights where name.hasPrefix("dense1") {
        #expect(resumed.weights[name] == value, "\(name)")
      }
    }
  }

  @Test func aCheckpointOfOtherFrozenLayersIsRefused() throws {
    let path = Self.temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    _ = try Self.fineTuning(
      freeze: ["conv*", "norm2", "dense1"],
      checkpoints: CheckpointPolicy(path: path)
    ).run()
    #expect {
      try Self.fineTuning(freeze: ["conv*", "norm2"])
        .run(from: TrainingCheckpoint(contentsOf: path))
    } throws: { "\($0)".contains("dense1/") }
  }
}
