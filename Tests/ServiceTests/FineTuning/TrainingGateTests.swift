import Testing

@testable import Service

@Suite struct TrainingGateTests {
  static let slice: UInt64 = 1_000_000

  @Test func anIdleServerLetsTrainingPassAtOnce() {
    let gate = TrainingGate(ServingLoad(), share: 0.01)
    let pace = gate.pace()
    for _ in 0..<1000 { pace.pass() }
    #expect(gate.yieldCount == 0)
    #expect(gate.yieldedSeconds == 0)
  }

  @Test func trainingWaitsItsShareWhileBatchesRunButNotForever() {
    let load = ServingLoad()
    let gate = TrainingGate(load, share: 0.5)
    load.batchBegins()
    // Half of the time: as long as it ran.
    _ = gate.wait(after: Self.slice, batches: load.batchCount)
    #expect(gate.yieldCount == 1)
    #expect(gate.yieldedSeconds >= Double(Self.slice) / 1e9)
    let before = gate.yieldedSeconds
    _ = gate.wait(after: .max, batches: load.batchCount)
    #expect(gate.yieldedSeconds - before >= Double(TrainingGate.waitNanosecondsMax) / 1e9)
    load.batchEnds()
    _ = gate.wait(after: Self.slice, batches: load.batchCount)
    #expect(gate.yieldCount == 2)
  }

  @Test func aBatchThatCameAndWentMeanwhileCounts() {
    let load = ServingLoad()
    let gate = TrainingGate(load, share: 0.5)
    let seen = load.batchCount
    load.batchBegins()
    load.batchEnds()
    let now = gate.wait(after: Self.slice, batches: seen)
    #expect(gate.yieldCount == 1)
    #expect(now == load.batchCount)
    _ = gate.wait(after: Self.slice, batches: now)
    #expect(gate.yieldCount == 1)
  }

  @Test func aWaitEndsSoonAfterTheLastBatch() {
    let load = ServingLoad()
    let gate = TrainingGate(load, share: 0.01)
    let seen = load.batchCount
    load.batchBegins()
    load.batchEnds()
    _ = gate.wait(after: .max, batches: seen)
    #expect(gate.yieldedSeconds >= Double(TrainingGate.quietNanoseconds) / 1e9)
  }
}
