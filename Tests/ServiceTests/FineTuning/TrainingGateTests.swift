import Testing

@testable import Service

@Suite struct TrainingGateTests {
  @Test func anIdleServerLetsTrainingPassAtOnce() {
    let gate = TrainingGate(ServingLoad())
    for _ in 0..<1000 { gate.pass() }
    #expect(gate.yieldCount == 0)
    #expect(gate.yieldedSeconds == 0)
  }

  @Test func trainingWaitsForABatchButNotForever() {
    let load = ServingLoad()
    let gate = TrainingGate(load)
    load.batchBegins()
    gate.pass()
    #expect(gate.yieldCount == 1)
    #expect(gate.yieldedSeconds >= Double(TrainingGate.waitNanosecondsMax) / 1e9)
    load.batchEnds()
    gate.pass()
    #expect(gate.yieldCount == 1)
  }
}
