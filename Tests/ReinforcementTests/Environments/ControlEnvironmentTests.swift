import Reinforcement
import Tensors
import Testing

@Suite struct ControlEnvironmentTests {
  /// Gymnasium's states are compared as single precision.
  private static let tolerance = 1e-6

  @Test func tenThousandStepsOfCartPoleAreGymnasiums() throws {
    var environment = CartPole()
    let difference = try GymnasiumFixture("CartPole-v1")
      .firstDifference(&environment, tolerance: Self.tolerance) { Self.numbers($0.state) }
    #expect(difference == nil)
  }

  @Test func tenThousandStepsOfMountainCarAreGymnasiums() throws {
    var environment = MountainCar()
    let difference = try GymnasiumFixture("MountainCar-v0")
      .firstDifference(&environment, tolerance: Self.tolerance) { [$0.position, $0.velocity] }
    #expect(difference == nil)
  }

  @Test func tenThousandStepsOfAcrobotAreGymnasiums() throws {
    var environment = Acrobot()
    let difference = try GymnasiumFixture("Acrobot-v1")
      .firstDifference(&environment, tolerance: Self.tolerance) { Self.numbers($0.state) }
    #expect(difference == nil)
  }

  private static func numbers(_ vector: SIMD4<Double>) -> [Double] {
    vector.indices.map { vector[$0] }
  }

  @Test(arguments: Environments.all.map(\.name)) func specificationFitsWhatIsShown(
    _ name: String
  ) throws {
    var environment = try Environments.named(name)
    let specification = environment.specification
    #expect(specification.name == name)
    environment.reset(seed: 3)
    for step in 0..<10 {
      _ = environment.step(step % specification.actions.count)
      let observation = environment.observation
      switch specification.observation {
      case .box(let shape, let low, let high, let fields):
        #expect(low.count == shape.elementCount && high.count == shape.elementCount)
        #expect(fields.isEmpty || fields.count == shape.elementCount)
        #expect(observation.indices.allSatisfy { (low[$0]...high[$0]).contains(observation[$0]) })
      case .discrete(let count):
        #expect((0..<count).contains(Int(observation[0])))
      }
    }
  }
}
