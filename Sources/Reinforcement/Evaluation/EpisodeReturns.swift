import Tensors

/// The sums of rewards of whole episodes, not discounted.
package struct EpisodeReturns: Equatable, Sendable {
  /// One for each episode.
  package let values: [Double]

  /// The stream of random numbers from which the episodes' seeds are drawn.
  private static let stream: UInt64 = 0xE715_0DE5

  /// Plays episodes to their ends with a policy that does not learn from them.
  ///
  /// - Parameters:
  ///   - environment: Played on a copy.
  ///   - episodes: How many, at least 1.
  ///   - seed: Each episode gets a seed of its own that is drawn from it: episode i starts alike for every policy, and another seed
  ///     gives other episodes.
  ///   - act: The action for an observation.
  /// - Throws: What `act` throws.
  package init(
    in environment: any Environment,
    episodes: Int,
    seed: UInt64,
    act: (UnsafeBufferPointer<Float>) throws -> Int
  ) rethrows {
    var environment = environment
    var observation = [Float](repeating: 0, count: environment.specification.observation.count)
    var values: [Double] = []
    var random = Philox(seed: seed, stream: Self.stream)
    for _ in 0..<max(episodes, 1) {
      environment.reset(seed: random.next())
      var sum = 0.0
      var isEnd = false
      while !isEnd {
        observation.withUnsafeMutableBufferPointer { environment.observe(into: $0) }
        let result = environment.step(try observation.withUnsafeBufferPointer(act))
        sum += result.reward
        isEnd = result.isEnd
      }
      values.append(sum)
    }
    self.values = values
  }

  package var mean: Double { values.reduce(0, +) / Double(values.count) }

  /// How far the mean is from that of infinitely many episodes, in the usual case; 0 for one episode.
  package var standardError: Double {
    guard values.count > 1 else { return 0 }
    let mean = mean
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1) / Double(values.count)).squareRoot()
  }
}
