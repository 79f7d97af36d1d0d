import Glibc
import Tensors

/// A car too weak to climb out of its valley without swinging; Gymnasium's MountainCar-v0.
///
/// v += 0.001 (action - 1) - 0.0025 cos(3 x), x += v. Every step costs 1; the episode ends at the flag, x >= 0.5.
/// A. W. Moore, Efficient memory-based learning for robot control (1990).
package struct MountainCar: Environment {
  package static let specification = EnvironmentSpecification(
    name: "MountainCar-v0",
    observation: .box(
      shape: [2],
      low: [Float(positionMin), Float(-speedMax)],
      high: [Float(positionMax), Float(speedMax)],
      fields: ["position", "velocity"]
    ),
    actions: ["left", "none", "right"],
    episodeStepsMax: episodeStepsMax,
    rewardThreshold: -110
  )

  private static let episodeStepsMax = 200
  private static let positionMin = -1.2
  private static let positionMax = 0.6
  private static let speedMax = 0.07
  private static let goal = 0.5
  private static let force = 0.001
  private static let gravity = 0.0025

  package private(set) var position = -0.5
  package private(set) var velocity = 0.0
  private var stepCount = 0
  private var random = PCG64(seed: 0)

  /// A car at rest; draws as seeded with 0 until it is reset with a seed.
  package init() {}

  package var specification: EnvironmentSpecification { Self.specification }

  package mutating func reset(seed: UInt64?) {
    if let seed { random = PCG64(seed: seed) }
    position = random.uniform(-0.6, -0.4)
    velocity = 0
    stepCount = 0
  }

  package mutating func step(_ action: Int) -> StepResult {
    precondition((0..<3).contains(action), "action \(action) of 3")
    velocity += Double(action - 1) * Self.force + cos(3 * position) * -Self.gravity
    velocity = min(max(velocity, -Self.speedMax), Self.speedMax)
    position = min(max(position + velocity, Self.positionMin), Self.positionMax)
    if position == Self.positionMin, velocity < 0 { velocity = 0 }
    stepCount += 1
    return StepResult(
      reward: -1,
      isTerminated: position >= Self.goal && velocity >= 0,
      isTruncated: stepCount >= Self.episodeStepsMax
    )
  }

  package func observe(into observation: UnsafeMutableBufferPointer<Float>) {
    observation[0] = Float(position)
    observation[1] = Float(velocity)
  }
}
