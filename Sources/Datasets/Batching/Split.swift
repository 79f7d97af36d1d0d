import Tensors

/// Divides examples into training and validation, the same way for the same seed.
package struct Split: Sendable, Equatable {
  /// Positions for training, in random order.
  package let training: [Int]
  /// Positions for validation, in random order.
  package let validation: [Int]

  /// The Philox stream of splits; batches use the streams from 0 up, one for each epoch.
  static let stream: UInt64 = 0x73_706c_6974

  init(training: [Int], validation: [Int]) {
    self.training = training
    self.validation = validation
  }

  /// Draws `validationFraction` of `count` positions, rounded to the nearest, without repetition.
  ///
  /// A fraction outside 0...1 counts as the nearer end.
  package init(count: Int, validationFraction: Double, seed: UInt64) {
    var random = Philox(seed: seed, stream: Split.stream)
    let order = random.permutation(count)
    let fraction = min(max(validationFraction.isNaN ? 0 : validationFraction, 0), 1)
    let size = Int((Double(count) * fraction).rounded())
    validation = Array(order.prefix(size))
    training = Array(order.dropFirst(size))
  }
}

extension Dataset {
  /// The two parts of a split.
  package func split(
    validationFraction: Double,
    seed: UInt64
  ) -> (training: Dataset, validation: Dataset) {
    let split = Split(count: count, validationFraction: validationFraction, seed: seed)
    return (selecting(split.training), selecting(split.validation))
  }
}
