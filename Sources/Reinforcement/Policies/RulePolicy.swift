/// Rules that a person would write down, without learning.
package enum RulePolicy: Policy {
  /// CartPole: pushes the cart to the side that the pole leans to.
  case poleAngle
  /// CartPole: pushes the cart to the side that the pole will lean to in a second, angle + angular velocity.
  case poleFall
  /// MountainCar: pushes along the velocity, which pumps energy into the swing.
  case alongVelocity

  package func action(for observation: UnsafeBufferPointer<Float>) -> Int {
    switch self {
    case .poleAngle: observation[2] > 0 ? 1 : 0
    case .poleFall: observation[2] + observation[3] > 0 ? 1 : 0
    case .alongVelocity: observation[1] >= 0 ? 2 : 0
    }
  }
}
