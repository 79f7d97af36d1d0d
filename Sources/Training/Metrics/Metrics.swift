package import GraphIR
package import NN
import Tensors

/// Numbers that tell how good a model is.
package enum Metrics {
  /// Adds the number of rows whose largest logit is the label's: a float32 scalar.
  ///
  /// logits [N, K] or [N, T, K], labels int64 of the same shape without K; `weights`, float32 of the labels' shape, are what each row
  /// counts (0 for padding), 1 where there are none.
  package static func correctCount(
    logits: ValueID,
    labels: ValueID,
    weights: ValueID? = nil,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    let best = try context.apply(
      "ArgMax",
      logits,
      attributes: ["axis": .int(-1), "keepdims": .int(0)]
    )
    var hits = try context.apply("CastLike", context.apply("Equal", best, labels), logits)
    if let weights { hits = try context.apply("Mul", hits, weights) }
    return try context.apply("ReduceSum", hits, attributes: ["keepdims": .int(0)])
  }
}

/// Counts of predictions by true class (row) and predicted class (column).
package struct ConfusionMatrix: Sendable, Equatable {
  package let classCount: Int
  /// Row-major, classCount x classCount.
  package private(set) var counts: [Int]

  package init(classCount: Int) {
    self.classCount = classCount
    counts = [Int](repeating: 0, count: classCount * classCount)
  }

  /// Counts one prediction; classes outside of the matrix are ignored.
  package mutating func add(truth: Int, prediction: Int) {
    guard (0..<classCount).contains(truth), (0..<classCount).contains(prediction) else { return }
    counts[truth * classCount + prediction] += 1
  }

  package subscript(truth: Int, prediction: Int) -> Int {
    counts[truth * classCount + prediction]
  }

  /// The share on the diagonal; `nil` without predictions.
  package var accuracy: Double? {
    let total = counts.reduce(0, +)
    guard total > 0 else { return nil }
    return Double((0..<classCount).reduce(0) { $0 + self[$1, $1] }) / Double(total)
  }

  /// The mean over the classes of 2 P R / (P + R); a class that is neither expected nor predicted is left out.
  ///
  /// `nil` without predictions.
  package var macroF1: Double? {
    var scores: [Double] = []
    for label in 0..<classCount {
      let expected = (0..<classCount).reduce(0) { $0 + self[label, $1] }
      let predicted = (0..<classCount).reduce(0) { $0 + self[$1, label] }
      guard expected + predicted > 0 else { continue }
      scores.append(2 * Double(self[label, label]) / Double(expected + predicted))
    }
    return scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count)
  }
}
