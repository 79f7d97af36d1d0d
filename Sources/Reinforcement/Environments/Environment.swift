/// What an agent acts in, one step at a time, as in Gymnasium.
///
/// A value: a copy goes its own way from the same state. All randomness comes from the generator that `reset(seed:)` starts, so that
/// equal seeds and equal actions give equal episodes.
package protocol Environment: Sendable {
  /// What it shows, what can be done in it, and when an episode is cut.
  var specification: EnvironmentSpecification { get }

  /// Starts an episode.
  ///
  /// - Parameter seed: restarts the random numbers; `nil` goes on with those after the last episode's.
  mutating func reset(seed: UInt64?)

  /// Acts, and moves on by one step.
  ///
  /// - Parameter action: an index into `specification.actions`.
  /// - Returns: What came of it.
  /// - Precondition: `action` is one, and the episode is neither terminated nor truncated.
  mutating func step(_ action: Int) -> StepResult

  /// Writes what the agent sees now: `specification.observation.count` numbers in row-major order; a state's number where the space is
  /// discrete.
  func observe(into observation: UnsafeMutableBufferPointer<Float>)
}

/// What came of one action.
package struct StepResult: Equatable, Sendable {
  package var reward: Double
  /// The episode is over by the rules: nothing comes after, the value of what follows is 0.
  package var isTerminated: Bool
  /// The episode was cut by the step limit: what would follow still has value.
  package var isTruncated: Bool

  package init(reward: Double, isTerminated: Bool, isTruncated: Bool) {
    self.reward = reward
    self.isTerminated = isTerminated
    self.isTruncated = isTruncated
  }

  /// Whether the next step needs a `reset`.
  package var isEnd: Bool { isTerminated || isTruncated }
}

extension Environment {
  /// What the agent sees now.
  package var observation: [Float] {
    [Float](unsafeUninitializedCapacity: specification.observation.count) { buffer, count in
      observe(into: buffer)
      count = specification.observation.count
    }
  }
}
