package import Training

/// How REINFORCE goes about it.
package struct PolicyGradientOptions: Sendable {
  /// What is subtracted from the returns, so that good means better than usual.
  package enum Baseline: Sendable, Hashable {
    case none
    /// The mean return of all steps of the batch.
    case mean
    /// What a second network of the same hidden layers expects in the state.
    case value
  }

  /// Episodes of one update, played together.
  package var episodes = 16
  /// What a reward counts one step later, above 0, at most 1.
  package var discount = 0.99
  package var baseline = Baseline.value
  /// Moves what is left to mean 0 and deviation 1 over the batch.
  package var normalisesReturns = true
  /// How much the policy's entropy counts: keeps it from being sure too early.
  package var entropyWeight: Float = 0
  package var optimizer: any Optimizer = Adam()
  package var schedule = LearningRateSchedule.constant(0.01)
  package var clipping = GradientClipping.none
  package var seed: UInt64 = 1
  package var threads = 1

  /// Episodes that one update may have.
  package static let episodesMax = 4096

  package init() {}

  /// - Throws: `TrainingError.option` naming what is impossible.
  func validate() throws(TrainingError) {
    guard (1...Self.episodesMax).contains(episodes) else {
      throw .option("\(episodes) episodes in an update: expected 1 to \(Self.episodesMax)")
    }
    guard discount > 0, discount <= 1 else {
      throw .option("discount \(discount): expected above 0 and at most 1")
    }
    guard entropyWeight >= 0, entropyWeight.isFinite else {
      throw .option("entropy weight \(entropyWeight): expected 0 or more")
    }
  }
}
