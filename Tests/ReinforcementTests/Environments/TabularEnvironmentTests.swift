import Reinforcement
import Testing

@Suite struct TabularEnvironmentTests {
  static let names = ["FrozenLake-v1", "FrozenLakeNotSlippery-v1", "FrozenLake8x8-v1", "Taxi-v3"]

  @Test(arguments: names) func tenThousandStepsAreGymnasiums(_ name: String) throws {
    var environment = try #require(try Environments.named(name) as? SampledProcess)
    let difference = try GymnasiumFixture(name)
      .firstDifference(&environment, tolerance: 0) { [Double($0.state)] }
    #expect(difference == nil)
  }

  @Test(arguments: names) func tableIsGymnasiums(_ name: String) throws {
    let environment = try #require(try Environments.named(name) as? SampledProcess)
    let outcomes = environment.process.outcomes.flatMap { $0 }
    let fixture = try GymnasiumFixture(name)
    #expect(try fixture("probability") == outcomes.map(\.probability))
    #expect(try fixture("next") == outcomes.map { Int64($0.next) })
    #expect(try fixture("reward") == outcomes.map { Float($0.reward) })
    #expect(try fixture("terminated") == outcomes.map { $0.isTerminal ? UInt8(1) : 0 })
  }

  @Test func observationIsTheNumberOfTheState() throws {
    var taxi = try Taxi.environment()
    taxi.reset(seed: 1)
    #expect(taxi.state != 0)
    #expect(taxi.observation == [Float(taxi.state)])
    #expect(taxi.stateCount == 500)
  }

  @Test(arguments: [[], ["SF", "F"], ["SX"], ["FG"]]) func mapsMustBeMaps(_ map: [String]) {
    #expect(throws: ReinforcementError.self) {
      try FrozenLake.environment(name: "mine", map: map, isSlippery: true, episodeStepsMax: 10)
    }
  }

  @Test func unknownNamesAreAnsweredWithTheKnown() {
    let error = #expect(throws: ReinforcementError.self) { try Environments.named("pong") }
    #expect(error?.description.contains("frozen-lake-8x8") == true)
  }
}
