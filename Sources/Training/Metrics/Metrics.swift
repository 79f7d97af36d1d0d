package import GraphIR
package import NN
import Tensors

/// Numbers that tell how good a model is.
package enum Metrics {
  /// Adds the number of rows whose largest logit is the label's: a float32 scalar.
  ///
  /// logits [N, K], labels [N] int64.
  package static func correctCount(
    logits: ValueID,
    labels: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    let best = try context.apply(
      "ArgMax",
      logits,
      attributes: ["axis": .int(-1), "keepdims": .int(0)]
    )
    let hits = try context.apply("CastLike", context.apply("Equal", best, labels), logits)
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
}
