package import Tensors

/// What came of a fine-tuning.
package struct FineTuningReport: Sendable {
  package var end: TrainingReport.End
  /// Curves: every epoch since the very beginning, those before a checkpoint too.
  package var epochs: [EpochReport]
  /// The epoch whose weights are kept, counted from 1, where early stopping chose one.
  package var bestEpoch: Int?
  /// Steps since the very beginning.
  package var steps: Int
  /// Variables of the model by name: all but those that frozen layers kept for themselves.
  package var weights: [String: Tensor]
  package var frozenValues: FrozenValues

  package init(
    end: TrainingReport.End,
    epochs: [EpochReport],
    bestEpoch: Int?,
    steps: Int,
    weights: [String: Tensor],
    frozenValues: FrozenValues
  ) {
    self.end = end
    self.epochs = epochs
    self.bestEpoch = bestEpoch
    self.steps = steps
    self.weights = weights
    self.frozenValues = frozenValues
  }
}

/// What was done about layers that give the same values in every epoch.
package enum FrozenValues: Sendable, Equatable {
  /// These values were computed once for all examples.
  case precomputed([String], byteCount: Int)
  /// They are computed in every step, or there are none.
  case computedEachStep(reason: String)
}
