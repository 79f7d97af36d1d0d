/// The optimisers of fine-tuning, with their usual settings.
package enum OptimizerChoice: String, Sendable, Hashable, CaseIterable {
  case sgd, momentum, adam
  case adamW = "adamw"

  /// The learning rate that a multiplier refers to.
  package var defaultRate: Float {
    switch self {
    case .sgd, .momentum: 0.01
    case .adam, .adamW: 0.001
    }
  }

  /// The optimiser; AdamW decays weights by 0.01 where nothing else is said, the others not at all.
  func optimizer(weightDecay: Float?) -> any Optimizer {
    switch self {
    case .sgd: SGD(decay: weightDecay ?? 0)
    case .momentum: Momentum(decay: weightDecay ?? 0)
    case .adam: Adam(decay: weightDecay ?? 0)
    case .adamW: Adam.adamW(decay: weightDecay ?? 0.01)
    }
  }
}

/// How the highest learning rate is said.
package enum LearningRateChoice: Sendable, Hashable {
  case absolute(Float)
  /// Times the optimiser's default.
  case multiplier(Float)
}

/// The learning rate over the training.
package enum ScheduleChoice: String, Sendable, Hashable, CaseIterable {
  case constant
  /// Down to 0 along a straight line.
  case linear
  /// Down to 0 along half a cosine.
  case cosine

  /// `warmUp` is a share of `steps`; a constant rate has none.
  func schedule(rate: Float, steps: Int, warmUp: Double) -> LearningRateSchedule {
    let warmUpSteps = Int((Double(steps) * warmUp).rounded(.down))
    return switch self {
    case .constant: .constant(rate)
    case .linear: .linear(rate: rate, steps: steps, warmUp: warmUpSteps)
    case .cosine: .cosine(rate: rate, steps: steps, warmUp: warmUpSteps)
    }
  }
}
