import Glibc
import Tensors

/// Draws actions of Q-values, for clients that explore.
///
/// The draw of an instance is a function of the seed and its place in the request alone: Philox with the seed as key and the place as
/// stream, whatever runs in the same batch.
final class ActionDraw: Sendable {
  /// How an action is drawn.
  enum Rule: Sendable, Equatable {
    /// With probability epsilon any action, each as likely as the others; else the greedy one.
    case epsilonGreedy(Double)
    /// Action a with probability exp(Q(a) / T) / sum of exp(Q(b) / T).
    case softmax(temperature: Double)
  }

  let rule: Rule
  let seed: UInt64

  init(_ rule: Rule, seed: UInt64) {
    self.rule = rule
    self.seed = seed
  }

  /// The action of an instance.
  ///
  /// - Parameters:
  ///   - values: Its Q-values, at least one.
  ///   - greedy: The position of the largest.
  ///   - instance: Its place in the request.
  /// - Returns: The position of an action; the greedy one where a Q-value is not finite.
  func action(
    _ values: UnsafeBufferPointer<Float>,
    greedy: Int,
    instance: Int
  ) -> Int {
    var random = Philox(seed: seed, stream: UInt64(instance))
    switch rule {
    case .epsilonGreedy(let epsilon):
      return Double(random.uniform()) < epsilon ? random.below(values.count) : greedy
    case .softmax(let temperature):
      let largest = Double(values[greedy])
      func weight(_ value: Float) -> Double { exp((Double(value) - largest) / temperature) }
      let total = values.reduce(0) { $0 + weight($1) }
      guard total.isFinite else { return greedy }
      var rest = Double(random.uniform()) * total
      for (action, value) in values.enumerated() {
        rest -= weight(value)
        if rest < 0 { return action }
      }
      return greedy
    }
  }
}
