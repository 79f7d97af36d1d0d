import Reinforcement
import Tensors

/// The best policy of a search so far, by episodes that no policy has learnt from.
struct PolicyChampion {
  let environment: any Environment
  /// Of the search; the episodes' seeds follow from it.
  let seed: UInt64
  /// The mean return of the best policy over the validation episodes.
  private(set) var score = -Double.infinity
  private(set) var weights: [String: Tensor] = [:]

  /// Episodes of a validation, and of the test that no choice has seen.
  static let episodes = 100
  /// What the seeds of the episodes are above the search's.
  private static let validationOffset: UInt64 = 0x5EED_0000
  private static let testOffset: UInt64 = 0x7E57_0000

  init(in environment: any Environment, seed: UInt64) {
    self.environment = environment
    self.seed = seed
  }

  /// Whether nothing better can come, because every validation episode went on to the step limit and every step was rewarded.
  var isPerfect: Bool { score >= Double(environment.specification.episodeStepsMax) }

  /// Lets a policy play the validation episodes.
  ///
  /// - Returns: Whether it is as good as the best before it, and kept.
  /// - Throws: What the policy throws.
  mutating func challenge(with policy: any Policy, weights: [String: Tensor]) throws -> Bool {
    let returns = try EpisodeReturns(
      of: policy,
      in: environment,
      episodes: Self.episodes,
      seed: seed &+ Self.validationOffset
    )
    guard returns.mean >= score else { return false }
    score = returns.mean
    self.weights = weights
    return true
  }

  /// The returns of a policy in the test episodes.
  ///
  /// - Throws: What the policy throws.
  func test(_ policy: any Policy) throws -> EpisodeReturns {
    try EpisodeReturns(
      of: policy,
      in: environment,
      episodes: Self.episodes,
      seed: seed &+ Self.testOffset
    )
  }
}

extension Double {
  /// For readers: two digits behind the point.
  var hundredths: Double { (self * 100).rounded() / 100 }
}
