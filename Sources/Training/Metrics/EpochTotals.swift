/// Sums over batches, from which means over examples follow.
struct EpochTotals: Sendable, Equatable {
  var loss = 0.0
  var correct = 0.0
  var count = 0

  /// Adds a batch of `examples` with the given mean loss.
  mutating func add(loss batchLoss: Float, correct batchCorrect: Float?, examples: Int) {
    loss += Double(batchLoss) * Double(examples)
    correct += Double(batchCorrect ?? 0)
    count += examples
  }

  func metrics(countsCorrect: Bool) -> EvaluationMetrics {
    let divisor = Double(max(count, 1))
    return EvaluationMetrics(
      loss: loss / divisor,
      accuracy: countsCorrect ? correct / divisor : nil,
      count: count
    )
  }
}
