import Glibc
package import Training

/// The learning rate of a table: the share of the way that an estimate goes towards what was just seen.
///
/// Estimates settle on the expected value where the rates of each entry add up to infinity and their squares do not
/// (Robbins & Monro 1951); a constant one keeps following, and keeps trembling.
package enum TabularRate: Equatable, Sendable {
  /// Constant, or by the learner's step.
  case schedule(LearningRateSchedule)
  /// rate / (1 + decay step).
  case harmonic(rate: Float, decay: Float)
  /// n^-power, where n counts the visits of the entry itself from 1: with 1 the mean of everything seen; settles for powers above 0.5,
  /// up to 1.
  case visits(power: Float)

  /// A rate that stays.
  package static func constant(_ rate: Float) -> TabularRate { .schedule(.constant(rate)) }

  /// The rate of one update.
  ///
  /// - Parameters:
  ///   - step: The learner's updates so far.
  ///   - visits: The entry's updates, with this one.
  /// - Returns: The share, 0 to 1 for sensible numbers.
  package func rate(step: Int, visits: UInt32) -> Float {
    switch self {
    case .schedule(let schedule): schedule.rate(at: step)
    case .harmonic(let rate, let decay): rate / (1 + decay * Float(step))
    case .visits(let power): powf(Float(max(visits, 1)), -power)
    }
  }
}
