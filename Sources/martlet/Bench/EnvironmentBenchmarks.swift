import Reinforcement
import Tensors

/// Times environments: one step with random actions, what it shows, and a reset where an episode ends.
struct EnvironmentBenchmarks {
  /// Environments whose row's name starts with this; all when `nil`.
  let only: String?

  /// Steps of one measured run, so that episodes end in it.
  private static let stepCount = 1024
  /// Environments that step together in the second row of each.
  private static let togetherCount = 64

  /// Two rows for each environment, alone and several together; the time is that of one step of one environment.
  func run() throws -> [BenchmarkResult] {
    var rows: [BenchmarkResult] = []
    for entry in Environments.all {
      let alone = "\(entry.shortName) alone"
      if isWanted(alone) {
        let seconds = secondsAlone(try Environments.named(entry.name))
        rows.append(.steps(alone, seconds: seconds))
      }
      let together = "\(entry.shortName) \(Self.togetherCount) together"
      if isWanted(together) {
        let seconds = secondsTogether(try Environments.named(entry.name))
        rows.append(.steps(together, seconds: seconds))
      }
    }
    return rows
  }

  private func isWanted(_ name: String) -> Bool { only.map(name.hasPrefix) ?? true }

  private func secondsAlone(_ environment: any Environment) -> Double {
    var environment = environment
    let actions = actions(of: environment)
    var observation = environment.observation
    environment.reset(seed: 0)
    return Stopwatch.median {
      for action in actions {
        if environment.step(action).isEnd { environment.reset(seed: nil) }
        observation.withUnsafeMutableBufferPointer { environment.observe(into: $0) }
      }
    } / Double(Self.stepCount)
  }

  private func secondsTogether(_ environment: any Environment) -> Double {
    let actions = actions(of: environment)
    var vector = VectorEnvironment(environment, count: Self.togetherCount)
    vector.reset(seed: 0)
    let rows = stride(from: 0, to: Self.stepCount, by: Self.togetherCount).map {
      Array(actions[$0..<($0 + Self.togetherCount)])
    }
    return Stopwatch.median {
      for row in rows { vector.step(row) }
    } / Double(Self.stepCount)
  }

  private func actions(of environment: any Environment) -> [Int] {
    var random = Philox(seed: 1)
    let count = environment.specification.actions.count
    return (0..<Self.stepCount).map { _ in random.below(count) }
  }
}
