/// Transitions that were drawn together, one minibatch.
package struct ReplaySample: Sendable {
  /// Their numbers, counted from the first transition that ever was.
  package internal(set) var numbers: [Int] = []
  /// Importance weights (N P(i))^-beta divided by the largest of them; 1 where all are drawn with the same probability.
  package internal(set) var weights: [Float] = []

  package init() {}
}
