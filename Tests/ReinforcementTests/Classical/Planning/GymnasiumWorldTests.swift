import Reinforcement
import Testing

/// Optimal values of Gymnasium's worlds against those that numpy finds in Gymnasium's own tables (Fixtures/make_optimal_values.py).
@Suite struct GymnasiumWorldTests {
  struct World: Sendable, CustomTestStringConvertible {
    var name: String
    var discount: Double
    /// Expected where episodes start.
    var value: Double
    /// What the optimal policy returns until the episode is cut.
    var returnWithinLimit: Double
    var testDescription: String { "\(name), discount \(discount)" }
  }

  static let worlds = [
    World(
      name: "FrozenLake-v1",
      discount: 0.9,
      value: 0.068890904889,
      returnWithinLimit: 0.729766017419
    ),
    World(
      name: "FrozenLake-v1",
      discount: 0.99,
      value: 0.542025932,
      returnWithinLimit: 0.740164897759
    ),
    World(
      name: "FrozenLake8x8-v1",
      discount: 0.99,
      value: 0.4146403618,
      returnWithinLimit: 0.862955379961
    ),
    World(name: "Taxi-v3", discount: 0.9, value: -1.26332309904, returnWithinLimit: 7.93),
    World(name: "Taxi-v3", discount: 0.99, value: 6.327464314919, returnWithinLimit: 7.93),
  ]

  @Test(arguments: worlds) func valueIterationFindsWhatNumPyFinds(_ world: World) throws {
    let environment = try #require(try Environments.named(world.name) as? SampledProcess)
    func atStart(_ values: [Double]) -> Double {
      zip(values, environment.startProbabilities).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let process = environment.process
    let solution = try process.valueIteration(PlanningOptions(discount: world.discount))
    #expect(abs(atStart(solution.values) - world.value) < 1e-8)
    let within = try process.evaluate(
      policy: solution.policy,
      steps: environment.specification.episodeStepsMax
    )
    #expect(abs(atStart(within) - world.returnWithinLimit) < 1e-8)
  }

  /// Without discount and limit the slippery lake is crossed 14 times in 17.
  @Test func theLakesChanceOfSuccessIsFourteenSeventeenths() throws {
    let lake = try FrozenLake.environment()
    let solution = try lake.process.valueIteration(PlanningOptions(discount: 1, tolerance: 1e-12))
    #expect(abs(solution.values[0] - 14.0 / 17) < 1e-9)
    let exact = try lake.process.policyIteration(PlanningOptions(discount: 1, tolerance: 1e-12))
    #expect(abs(exact.values[0] - 14.0 / 17) < 1e-12)
  }
}
