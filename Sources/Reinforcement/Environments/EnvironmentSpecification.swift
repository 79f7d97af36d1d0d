package import Tensors

/// What is fixed about an environment.
package struct EnvironmentSpecification: Equatable, Sendable {
  /// As Gymnasium registers it: `CartPole-v1`.
  package var name: String
  package var observation: ObservationSpace
  /// The names of the actions, in the order of their indices.
  package var actions: [String]
  /// Steps after which an episode is truncated.
  package var episodeStepsMax: Int
  /// The mean return over 100 episodes at which it counts as solved, where its authors name one.
  package var rewardThreshold: Double?

  package init(
    name: String,
    observation: ObservationSpace,
    actions: [String],
    episodeStepsMax: Int,
    rewardThreshold: Double? = nil
  ) {
    self.name = name
    self.observation = observation
    self.actions = actions
    self.episodeStepsMax = episodeStepsMax
    self.rewardThreshold = rewardThreshold
  }
}

/// The observations that an environment can show.
package enum ObservationSpace: Equatable, Sendable {
  /// Numbers, each between two bounds (infinite where there is none), each with a name where there are few.
  case box(shape: Shape, low: [Float], high: [Float], fields: [String])
  /// One of `count` states, told by its number.
  case discrete(count: Int)

  /// The numbers in one observation.
  package var count: Int {
    switch self {
    case .box(let shape, _, _, _): shape.elementCount
    case .discrete: 1
    }
  }
}
