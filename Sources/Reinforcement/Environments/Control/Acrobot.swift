import Glibc
import Tensors

/// Two links hanging from a pivot, driven at the joint between them, to be swung above a line; Gymnasium's Acrobot-v1.
///
/// Fourth-order Runge-Kutta steps of 0.2 s over the equations of Sutton and Barto's book. Every step costs 1 until the tip is a link's length
/// above the pivot, which ends the episode. R. S. Sutton, Generalization in reinforcement learning (1996).
package struct Acrobot: Environment {
  package static let specification = EnvironmentSpecification(
    name: "Acrobot-v1",
    observation: .box(
      shape: [6],
      low: [-1, -1, -1, -1, Float(-speedMax1), Float(-speedMax2)],
      high: [1, 1, 1, 1, Float(speedMax1), Float(speedMax2)],
      fields: [
        "cos_angle_1", "sin_angle_1", "cos_angle_2", "sin_angle_2", "velocity_1", "velocity_2",
      ]
    ),
    actions: ["negative", "none", "positive"],
    episodeStepsMax: episodeStepsMax,
    rewardThreshold: -100
  )

  private static let episodeStepsMax = 500
  private static let speedMax1 = 4 * Double.pi
  private static let speedMax2 = 9 * Double.pi
  /// Seconds.
  private static let timeStep = 0.2

  /// Angle of the first link from hanging down and of the second from the first, in radians, then their velocities per second.
  package private(set) var state = SIMD4<Double>.zero
  private var stepCount = 0
  private var random = PCG64(seed: 0)

  /// Links that hang at rest; draws as seeded with 0 until it is reset with a seed.
  package init() {}

  package var specification: EnvironmentSpecification { Self.specification }

  package mutating func reset(seed: UInt64?) {
    if let seed { random = PCG64(seed: seed) }
    // Gymnasium rounds the start, and only that, to single precision.
    for index in state.indices { state[index] = Double(Float(random.uniform(-0.1, 0.1))) }
    stepCount = 0
  }

  package mutating func step(_ action: Int) -> StepResult {
    precondition((0..<3).contains(action), "action \(action) of 3")
    let torque = Double(action - 1)
    let slope1 = Self.slope(state, torque)
    let slope2 = Self.slope(state + Self.timeStep / 2 * slope1, torque)
    let slope3 = Self.slope(state + Self.timeStep / 2 * slope2, torque)
    let slope4 = Self.slope(state + Self.timeStep * slope3, torque)
    state += Self.timeStep / 6 * (slope1 + 2 * slope2 + 2 * slope3 + slope4)
    state[0] = Self.wrapped(state[0])
    state[1] = Self.wrapped(state[1])
    state[2] = min(max(state[2], -Self.speedMax1), Self.speedMax1)
    state[3] = min(max(state[3], -Self.speedMax2), Self.speedMax2)
    stepCount += 1
    let isTerminated = -cos(state[0]) - cos(state[1] + state[0]) > 1
    return StepResult(
      reward: isTerminated ? 0 : -1,
      isTerminated: isTerminated,
      isTruncated: stepCount >= Self.episodeStepsMax
    )
  }

  package func observe(into observation: UnsafeMutableBufferPointer<Float>) {
    observation[0] = Float(cos(state[0]))
    observation[1] = Float(sin(state[0]))
    observation[2] = Float(cos(state[1]))
    observation[3] = Float(sin(state[1]))
    observation[4] = Float(state[2])
    observation[5] = Float(state[3])
  }

  /// d(state)/dt for links of length 1 m and mass 1 kg with their centres in the middle and moments of inertia 1 kg m^2.
  private static func slope(_ state: SIMD4<Double>, _ torque: Double) -> SIMD4<Double> {
    let (gravity, centre, inertia) = (9.8, 0.5, 1.0)
    let (angle1, angle2, speed1, speed2) = (state[0], state[1], state[2], state[3])
    let (sine2, cosine2) = (sin(angle2), cos(angle2))
    // The names of the book: d1 and d2 are entries of the mass matrix, phi1 and phi2 the forces without acceleration.
    let d1 = centre * centre + (1 + centre * centre + 2 * centre * cosine2) + inertia + inertia
    let d2 = centre * centre + centre * cosine2 + inertia
    let phi2 = centre * gravity * cos(angle1 + angle2 - .pi / 2)
    let phi1 =
      -centre * (speed2 * speed2) * sine2 - 2 * centre * speed2 * speed1 * sine2
      + (centre + 1) * gravity * cos(angle1 - .pi / 2) + phi2
    let acceleration2 =
      (torque + d2 / d1 * phi1 - centre * (speed1 * speed1) * sine2 - phi2)
      / (centre * centre + inertia - (d2 * d2) / d1)
    let acceleration1 = -(d2 * acceleration2 + phi1) / d1
    return SIMD4(speed1, speed2, acceleration1, acceleration2)
  }

  private static func wrapped(_ angle: Double) -> Double {
    var angle = angle
    while angle > .pi { angle -= 2 * .pi }
    while angle < -.pi { angle += 2 * .pi }
    return angle
  }
}
