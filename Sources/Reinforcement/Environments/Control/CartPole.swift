import Glibc
import Tensors

/// Balancing a pole on a cart by pushing the cart left or right; Gymnasium's CartPole-v1.
///
/// Euler steps of 20 ms. Every step earns 1; the episode ends where the cart is more than 2.4 m off or the pole leans more than 12 degrees.
/// Barto, Sutton, Anderson, Neuronlike adaptive elements that can solve difficult learning control problems (1983), with the equations of
/// R. V. Florian, Correct equations for the dynamics of the cart-pole system (2007).
package struct CartPole: Environment {
  package static let specification = EnvironmentSpecification(
    name: "CartPole-v1",
    observation: .box(
      shape: [4],
      low: [-4.8, -.infinity, Float(-2 * angleMax), -.infinity],
      high: [4.8, .infinity, Float(2 * angleMax), .infinity],
      fields: ["cart_position", "cart_velocity", "pole_angle", "pole_angular_velocity"]
    ),
    actions: ["left", "right"],
    episodeStepsMax: episodeStepsMax,
    rewardThreshold: 475
  )

  private static let episodeStepsMax = 500
  private static let gravity = 9.8
  private static let poleMass = 0.1
  private static let totalMass = 1.1
  /// Half of the pole's length, in m.
  private static let poleLength = 0.5
  private static let force = 10.0
  /// Seconds.
  private static let timeStep = 0.02
  private static let positionMax = 2.4
  private static let angleMax = 12 * 2 * Double.pi / 360

  /// Position of the cart in m, its velocity, angle of the pole in radians, its velocity; per second.
  package private(set) var state = SIMD4<Double>.zero
  private var stepCount = 0
  private var random = PCG64(seed: 0)

  /// A cart that stands still; draws as seeded with 0 until it is reset with a seed.
  package init() {}

  package var specification: EnvironmentSpecification { Self.specification }

  package mutating func reset(seed: UInt64?) {
    if let seed { random = PCG64(seed: seed) }
    for index in state.indices { state[index] = random.uniform(-0.05, 0.05) }
    stepCount = 0
  }

  package mutating func step(_ action: Int) -> StepResult {
    precondition(action == 0 || action == 1, "action \(action) of 2")
    let (sine, cosine) = (sin(state[2]), cos(state[2]))
    let force = action == 1 ? Self.force : -Self.force
    let poleMoment = Self.poleMass * Self.poleLength
    let push = (force + poleMoment * (state[3] * state[3]) * sine) / Self.totalMass
    let inertia = Self.poleLength * (4.0 / 3.0 - Self.poleMass * (cosine * cosine) / Self.totalMass)
    let angularAcceleration = (Self.gravity * sine - cosine * push) / inertia
    let acceleration = push - poleMoment * angularAcceleration * cosine / Self.totalMass

    state += Self.timeStep * SIMD4(state[1], acceleration, state[3], angularAcceleration)
    stepCount += 1
    return StepResult(
      reward: 1,
      isTerminated: abs(state[0]) > Self.positionMax || abs(state[2]) > Self.angleMax,
      isTruncated: stepCount >= Self.episodeStepsMax
    )
  }

  package func observe(into observation: UnsafeMutableBufferPointer<Float>) {
    for index in state.indices { observation[index] = Float(state[index]) }
  }
}
