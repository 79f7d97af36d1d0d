/// Several environments of one kind, stepped together, with what they show in one block of memory.
///
/// An environment whose episode ends is reset in the same step (Gymnasium's `AutoresetMode.SAME_STEP`): `observations` then shows the
/// start of its next episode, and `finalObservations` what the ended one showed last. A step allocates nothing.
package struct VectorEnvironment: Sendable {
  /// Of each environment.
  package let specification: EnvironmentSpecification
  /// The number of environments, N.
  package let count: Int

  /// What each shows now, [N, D] in row-major order.
  package private(set) var observations: [Float]
  /// What each showed last in the episode that the last step ended, [N, D]; older in rows whose episode goes on.
  package private(set) var finalObservations: [Float]
  /// What came of the last step, [N].
  package private(set) var results: [StepResult]

  private var environments: [any Environment]
  private let width: Int

  /// Copies of one environment, to be reset before the first step.
  ///
  /// - Precondition: `count > 0`.
  package init(_ environment: any Environment, count: Int) {
    precondition(count > 0, "\(count) environments")
    specification = environment.specification
    self.count = count
    width = specification.observation.count
    environments = Array(repeating: environment, count: count)
    observations = Array(repeating: 0, count: count * width)
    finalObservations = observations
    results = Array(
      repeating: StepResult(reward: 0, isTerminated: false, isTruncated: false),
      count: count
    )
  }

  /// Starts an episode in each; environment i is seeded with `seed + i`, as in Gymnasium.
  package mutating func reset(seed: UInt64) {
    for index in environments.indices {
      environments[index].reset(seed: seed &+ UInt64(index))
      observe(index)
    }
  }

  /// Acts once in each.
  ///
  /// - Precondition: `actions.count == count`, each an index into `specification.actions`.
  package mutating func step(_ actions: [Int]) {
    precondition(actions.count == count, "\(actions.count) actions for \(count) environments")
    for index in environments.indices {
      let result = environments[index].step(actions[index])
      results[index] = result
      if result.isEnd {
        observeFinal(index)
        environments[index].reset(seed: nil)
      }
      observe(index)
    }
  }

  private mutating func observe(_ index: Int) {
    observations.withUnsafeMutableBufferPointer { rows in
      environments[index].observe(
        into: .init(rebasing: rows[(index * width)..<((index + 1) * width)])
      )
    }
  }

  private mutating func observeFinal(_ index: Int) {
    finalObservations.withUnsafeMutableBufferPointer { rows in
      environments[index].observe(
        into: .init(rebasing: rows[(index * width)..<((index + 1) * width)])
      )
    }
  }
}
