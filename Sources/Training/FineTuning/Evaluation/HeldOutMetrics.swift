/// How good a model is on held-out examples; what a task does not have is `nil`.
package struct HeldOutMetrics: Sendable, Equatable {
  package var count: Int
  /// The mean of the task's loss.
  package var loss: Double
  /// The share of right classes; for several labels the share of right labels.
  package var accuracy: Double?
  /// For each label the share of examples on which it is right.
  package var labelAccuracies: [Double]?
  /// For each label 2 TP / (2 TP + FP + FN); 0 for one that is neither in the targets nor predicted.
  package var labelF1: [Double]?
  /// From the sums of TP, FP and FN over all labels.
  package var f1Micro: Double?
  /// Over examples and outputs.
  package var meanAbsoluteError: Double?
  package var meanSquaredError: Double?
  /// 1 - residual / total sum of squares, the mean over the outputs; `nil` where a target never changes.
  package var r2: Double?

  /// The mean of `labelF1`.
  package var f1Macro: Double? {
    labelF1.flatMap { $0.isEmpty ? nil : $0.reduce(0, +) / Double($0.count) }
  }

  /// The single numbers by the names that manifests and gates use.
  package var named: [String: Double] {
    let all: [(String, Double?)] = [
      ("loss", loss), ("accuracy", accuracy), ("f1_micro", f1Micro), ("f1_macro", f1Macro),
      ("mean_absolute_error", meanAbsoluteError), ("mean_squared_error", meanSquaredError),
      ("r2", r2),
    ]
    return all.reduce(into: [:]) { result, entry in
      if let value = entry.1 { result[entry.0] = value }
    }
  }
}
