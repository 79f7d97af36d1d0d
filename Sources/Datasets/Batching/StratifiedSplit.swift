import Tensors

extension Split {
  /// The Philox stream of the first class; class `c` uses the stream `c` further.
  private static let classStream: UInt64 = 0x7374_7261_0000_0000

  /// Draws `validationFraction` of the positions of every class, so that both parts have the classes in the same shares.
  ///
  /// The whole is rounded to the nearest; classes whose share is cut most get one more (largest remainder, the lower class on a
  /// tie). Below a fraction of 1 every class keeps an example for training.
  ///
  /// - Parameters:
  ///   - classes: The class of each position, from 0.
  ///   - classCount: How many classes there are.
  ///   - validationFraction: Outside 0...1 it counts as the nearer end.
  ///   - seed: The same seed gives the same split.
  /// - Precondition: every class is in `0..<classCount`.
  package init(
    classes: [Int64],
    classCount: Int,
    validationFraction: Double,
    seed: UInt64
  ) {
    let fraction = min(max(validationFraction.isNaN ? 0 : validationFraction, 0), 1)
    var members = [[Int]](repeating: [], count: classCount)
    for (position, label) in classes.enumerated() { members[Int(label)].append(position) }
    let sizes = Self.sizes(members.map(\.count), fraction)
    var training: [Int] = []
    var validation: [Int] = []
    for (label, positions) in members.enumerated() {
      var random = Philox(seed: seed, stream: Self.classStream &+ UInt64(label))
      let order = random.permutation(positions.count).map { positions[$0] }
      validation += order.prefix(sizes[label])
      training += order.dropFirst(sizes[label])
    }
    var random = Philox(seed: seed, stream: Split.stream)
    self.init(
      training: random.permutation(training.count).map { training[$0] },
      validation: random.permutation(validation.count).map { validation[$0] }
    )
  }

  /// How many of each class go to validation.
  private static func sizes(_ counts: [Int], _ fraction: Double) -> [Int] {
    let wanted = Int((Double(counts.reduce(0, +)) * fraction).rounded())
    let most = counts.map { fraction < 1 ? max($0 - 1, 0) : $0 }
    var sizes = zip(counts, most).map { count, most in
      min(Int(Double(count) * fraction), most)
    }
    let remainders = zip(counts, sizes).map { Double($0) * fraction - Double($1) }
    let order = counts.indices.sorted { left, right in
      remainders[left] == remainders[right] ? left < right : remainders[left] > remainders[right]
    }
    var missing = wanted - sizes.reduce(0, +)
    for label in order where missing > 0 && sizes[label] < most[label] {
      sizes[label] += 1
      missing -= 1
    }
    return sizes
  }
}
