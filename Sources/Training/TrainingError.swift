/// Why a training cannot start or go on.
package enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// The loss is NaN or infinite: the message says at which step and rate.
  case lossNotFinite(step: Int, epoch: Int, loss: Float, rate: Float)
  /// An option with an impossible value.
  case option(String)
  /// Examples that do not fit.
  case data(String)
  /// A checkpoint that cannot be continued.
  case checkpoint(String)
  /// Somebody asked for it before there was a result.
  case stopped

  package var description: String {
    switch self {
    case .lossNotFinite(let step, let epoch, let loss, let rate):
      "the loss became \(loss) in step \(step) (epoch \(epoch)) at learning rate \(rate); "
        + "lower the rate, clip gradients, or check the data for values that are not finite"
    case .option(let detail): detail
    case .data(let detail): detail
    case .checkpoint(let detail): detail
    case .stopped: "stopped on request"
    }
  }
}
