/// The sums of rewards of whole episodes, not discounted.
package struct EpisodeReturns: Equatable, Sendable {
  /// One for each episode.
  package let values: [Double]

  /// Plays episodes to their ends with a policy that does not learn from them.
  ///
  /// - Parameters:
  ///   - environment: Played on a copy.
  ///   - episodes: How many, at least 1.
  ///   - seed: Of the first episode; the others go on with its random numbers.
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
    for episode in 0..<max(episodes, 1) {
      environment.reset(seed: episode == 0 ? seed : nil)
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
