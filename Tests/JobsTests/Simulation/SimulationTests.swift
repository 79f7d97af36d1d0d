import TestSupport
import Testing

@Suite struct SimulationTests {
  private static let script: [SimulatedDay.Action] = [
    .submit(name: 0, group: "lenet5", priority: 0, payload: 1), .work(4),
    .submit(name: 1, group: "lenet5", priority: 5, payload: 1),
    .submit(name: 2, group: "mnist-mlp", priority: 0, payload: 1), .work(3),
    .pause(0), .work(4),
    .submit(name: 3, group: "lenet5", priority: 0, payload: 0), .work(3),
    .cancel(1), .resume(0), .work(6),
    .submit(name: 4, group: "mnist-mlp", priority: 1, payload: 1), .pause(4), .work(5),
    .restart, .resume(4), .work(8), .cancel(3), .work(6),
  ]

  @Test func theDayGoesWellWithoutCrashes() throws {
    let day = try SimulatedDay(faults: [])
    try day.play(Self.script)
    #expect(day.crashCount == 0)
  }

  /// Every change of the store, each in its three ways; the change after the crash crashes too.
  @Test(arguments: MemoryJobStore.Fault.Moment.allCases)
  func aCrashAtEveryChangeLosesNothing(moment: MemoryJobStore.Fault.Moment) throws {
    var change = 0
    while true {
      let day = try SimulatedDay(faults: [
        .init(change: 0, moment), .init(change: change, moment),
      ])
      try day.play(Self.script)
      if day.crashCount == 0 { break }
      change += 1
    }
    #expect(change > 80)
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func randomDaysWithRandomCrashesLoseNothing(seed: UInt64) throws {
    var random = SeededRandom(state: seed)
    var script: [SimulatedDay.Action] = []
    var names = 0
    for _ in 0..<30 {
      switch Int.random(in: 0..<10, using: &random) {
      case 0...2:
        script.append(
          .submit(
            name: names,
            group: ["a", "b", "c"][Int.random(in: 0..<3, using: &random)],
            priority: Int.random(in: -1...1, using: &random),
            payload: UInt8.random(in: 0...5, using: &random)
          )
        )
        names += 1
      case 3: script.append(.pause(Int.random(in: 0...names, using: &random)))
      case 4: script.append(.resume(Int.random(in: 0...names, using: &random)))
      case 5: script.append(.cancel(Int.random(in: 0...names, using: &random)))
      case 6: script.append(.restart)
      default: script.append(.work(Int.random(in: 1...6, using: &random)))
      }
    }
    let faults = (0..<12).map { _ in
      MemoryJobStore.Fault(
        change: Int.random(in: 0..<30, using: &random),
        MemoryJobStore.Fault.Moment.allCases[Int.random(in: 0..<3, using: &random)]
      )
    }
    let day = try SimulatedDay(faults: faults)
    try day.play(script)
    #expect(day.crashCount > 0)
  }
}
