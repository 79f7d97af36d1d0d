import Glibc

/// Turns each logit of one row into a probability of its own: `1 / (1 + exp(-x))`.
enum Sigmoid {
  static func apply(to scores: UnsafeMutableBufferPointer<Float>) {
    for index in scores.indices { scores[index] = 1 / (1 + exp(-scores[index])) }
  }
}
