/// Chooses actions.
package protocol Policy {
  /// The action for what the agent sees.
  ///
  /// - Returns: an index into the environment's actions.
  /// - Throws: what the engine throws where a network chooses.
  mutating func action(for observation: UnsafeBufferPointer<Float>) throws -> Int
}

extension EpisodeReturns {
  /// Plays episodes to their ends with a policy; see `init(in:episodes:seed:act:)`.
  ///
  /// - Throws: What the policy throws.
  package init(
    of policy: any Policy,
    in environment: any Environment,
    episodes: Int,
    seed: UInt64
  ) throws {
    var policy = policy
    try self.init(in: environment, episodes: episodes, seed: seed) { try policy.action(for: $0) }
  }
}
