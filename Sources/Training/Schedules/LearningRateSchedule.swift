import Glibc

/// The learning rate as a function of the step.
package enum LearningRateSchedule: Sendable, Hashable {
  case constant(Float)
  /// rate factor^(step / every), the quotient rounded down.
  case stepDecay(rate: Float, factor: Float, every: Int)
  /// From `rate` down to `final` along half a cosine over `steps`, after `warmUp` steps of a straight rise (Loshchilov & Hutter 2016).
  case cosine(rate: Float, final: Float = 0, steps: Int, warmUp: Int = 0)
  /// From `rate` down to `final` along a straight line over `steps`, after `warmUp` steps of a straight rise.
  case linear(rate: Float, final: Float = 0, steps: Int, warmUp: Int = 0)
  /// rate factor^(step / over).
  case exponential(rate: Float, factor: Float, over: Int)

  /// The rate for a step, counted from 0.
  package func rate(at step: Int) -> Float {
    switch self {
    case .constant(let rate):
      return rate
    case .stepDecay(let rate, let factor, let every):
      return rate * powf(factor, Float(step / max(every, 1)))
    case .exponential(let rate, let factor, let over):
      return rate * Float(pow(Double(factor), Double(step) / Double(max(over, 1))))
    case .cosine(let rate, let final, let steps, let warmUp):
      if step < warmUp { return rate * Float(step + 1) / Float(warmUp) }
      let progress = Self.progress(step, steps, warmUp)
      return final + (rate - final) * Float((1 + cos(Double.pi * progress)) / 2)
    case .linear(let rate, let final, let steps, let warmUp):
      if step < warmUp { return rate * Float(step + 1) / Float(warmUp) }
      return final + (rate - final) * Float(1 - Self.progress(step, steps, warmUp))
    }
  }

  /// How much of the time after the warm-up is over, 0 to 1.
  private static func progress(_ step: Int, _ steps: Int, _ warmUp: Int) -> Double {
    min(Double(step - warmUp) / Double(max(steps - warmUp, 1)), 1)
  }
}
