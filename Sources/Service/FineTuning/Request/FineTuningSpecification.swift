/// Everything a fine-tuning job was asked to do, with the defaults filled in: what the job's record keeps.
package struct FineTuningSpecification: Codable, Equatable, Sendable {
  /// What becomes of the last layer.
  package enum Head: String, Codable, CaseIterable, Sendable {
    /// It goes on with its weights; the labels stay.
    case keep
    /// A new one with fresh weights for new labels.
    case replace
  }

  /// What the network learns to give.
  package enum Objective: String, Codable, CaseIterable, Sendable {
    /// One label of several: softmax cross-entropy.
    case classification
    /// Any number of labels: a sigmoid cross-entropy each.
    case multiLabel = "multi_label"
    /// Numbers: mean squared error.
    case regression
    /// What the task of a sequence model is: its tokens, labels or values.
    case sequence
    /// The values of actions, learnt from transitions.
    case reinforcement
  }

  /// When the alias moves to the new version.
  package enum Promotion: String, Codable, CaseIterable, Sendable {
    /// Where the gate passes: the new version is better on the held-out examples.
    case ifBetter = "if_better"
    case always
    case never
  }

  /// What a number on the held-out examples is called.
  package enum Metric: String, Codable, CaseIterable, Sendable {
    case accuracy
    case loss
    case meanAbsoluteError = "mean_absolute_error"
    /// Of a policy: the rewards of an episode in its environment.
    case meanReturn = "mean_return"
    /// Of a policy: how far its values are from what they predict of each other.
    case temporalError = "td_error"

    /// Whether larger is better.
    package var isHigherBetter: Bool { self == .accuracy || self == .meanReturn }
    /// Whether a new version may be just as good: episodes often give the most there is.
    var allowsEqual: Bool { self == .meanReturn }
    /// Whether it is one of policies.
    var isOfPolicies: Bool { self == .meanReturn || self == .temporalError }
  }

  /// What the new version must reach for `if_better`.
  package struct Gate: Codable, Equatable, Sendable {
    package var metric: Metric
    /// By how much the metric must be better than the present version's.
    package var minimumChange = 0.0
    /// What the metric must reach (for a loss: not exceed), whatever the present version has.
    package var bound: Double?
  }

  package var model: String
  /// The version that training starts from, chosen when the job was made.
  package var baseVersion: Int
  package var trainingFile: String
  package var validationFile: String?
  /// The share of the training file that is held out where there is no validation file.
  package var validationSplit: Double
  package var objective: Objective
  package var head: Head
  /// Class names in the order of the logits; nil for a regression, or where the data tells.
  package var labels: [String]?
  /// Patterns of layers that keep their weights.
  package var freeze: [String]
  package var hyperparameters: FineTuningHyperparameters
  /// How a policy learns; nil for all other jobs.
  package var reinforcement: ReinforcementHyperparameters?
  package var augmentation: FineTuningAugmentation?
  package var seed: UInt64
  package var gate: Gate
  package var promote: Promotion
  /// The alias that `promote` moves.
  package var alias: String
  package var suffix: String?
  package var metadata: [String: String]
}

/// How a job trains; missing epochs and batch size are chosen by `resolved`, other missing numbers by `FineTuningOptions`.
package struct FineTuningHyperparameters: Codable, Equatable, Sendable {
  /// How weights follow their gradients.
  package enum Optimizer: String, Codable, CaseIterable, Sendable {
    case sgd, momentum, adam, adamw
  }

  /// How the learning rate changes over the steps.
  package enum Schedule: String, Codable, CaseIterable, Sendable {
    case constant, linear, cosine
  }

  package var epochs: Int?
  package var batchSize: Int?
  package var learningRate: Double?
  /// Times the default learning rate; not together with `learningRate`.
  package var learningRateMultiplier: Double?
  package var optimizer = Optimizer.adamw
  package var weightDecay: Double?
  /// False switches the graph's dropout off; a rate puts one before the head.
  package var dropout: Dropout?
  package var schedule = Schedule.cosine
  /// The share of the steps in which the rate rises.
  package var warmUp = 0.0
  /// The largest norm of all gradients together; nil for no clipping.
  package var clipNorm: Double?
  /// Epochs without improvement on the held-out examples after which training ends; nil for never.
  package var patience: Int?

  /// What a request says about dropout.
  package enum Dropout: Codable, Equatable, Sendable {
    case off, on
    case rate(Double)
  }

  package init() {}

  /// Epochs and batch size where the request left them open.
  ///
  /// Epochs: as many as make about 20,000 examples, 3 to 50. Batch size: 32, from 10,000 examples on 128.
  package func resolved(exampleCount: Int) -> FineTuningHyperparameters {
    var result = self
    result.epochs = epochs ?? min(max(20_000 / max(exampleCount, 1), 3), 50)
    result.batchSize = min(batchSize ?? (exampleCount < 10_000 ? 32 : 128), max(exampleCount, 1))
    return result
  }
}

/// How training images are changed, anew in every epoch.
package struct FineTuningAugmentation: Codable, Equatable, Sendable {
  /// Largest shift in each direction, pixels.
  package var shift = 0
  /// Whether images are mirrored with probability 1/2.
  package var horizontalFlip = false
  /// Largest rotation in each direction, degrees.
  package var rotation = 0.0
  /// Standard deviation of normal noise on the preprocessed pixels.
  package var noise = 0.0

  package init() {}
}
