import Tensors

/// Any action, all alike: what every other policy must beat.
package struct RandomPolicy: Policy {
  private let actionCount: Int
  private var random: Philox

  /// The stream of random numbers that it draws from.
  package static let stream: UInt64 = 0x9A1D_0000

  /// - Precondition: `actionCount > 0`.
  package init(actionCount: Int, seed: UInt64) {
    precondition(actionCount > 0, "\(actionCount) actions")
    self.actionCount = actionCount
    random = Philox(seed: seed, stream: Self.stream)
  }

  package mutating func action(for observation: UnsafeBufferPointer<Float>) -> Int {
    random.below(actionCount)
  }
}
