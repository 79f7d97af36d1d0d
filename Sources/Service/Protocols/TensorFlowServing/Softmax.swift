import Glibc

/// Turns the logits of one row into probabilities: `exp(x - max) / sum(exp(x - max))`.
enum Softmax {
  static func apply(to scores: UnsafeMutableBufferPointer<Float>) {
    let largest = scores.max() ?? 0
    var sum: Float = 0
    for index in scores.indices {
      scores[index] = exp(scores[index] - largest)
      sum += scores[index]
    }
    for index in scores.indices { scores[index] /= sum }
  }
}
