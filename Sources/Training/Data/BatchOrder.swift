import Tensors

/// Which examples make the batch of a step: shuffled passes over the data, each example once in a pass; the last batch of a pass holds
/// what is left.
///
/// The order is a pure function of seed and step, so a resumed run continues exactly.
struct BatchOrder {
  let count: Int
  let batchSize: Int
  let seed: UInt64
  private var pass = -1
  private var order: [Int] = []

  init(count: Int, batchSize: Int, seed: UInt64) {
    self.count = count
    self.batchSize = batchSize
    self.seed = seed
  }

  /// Batches in one pass, the partial one included.
  var batchesPerPass: Int { (count + batchSize - 1) / batchSize }

  /// The pass over the data, counted from 0, that a step belongs to.
  func pass(at step: Int) -> Int { step / batchesPerPass }

  /// The examples of a step, counted from 0.
  mutating func batch(at step: Int) -> ArraySlice<Int> {
    let (wanted, batch) = step.quotientAndRemainder(dividingBy: batchesPerPass)
    if wanted != pass {
      var random = Philox(seed: seed, stream: 0x0BDE_0000_0000 &+ UInt64(wanted))
      order = random.permutation(count)
      pass = wanted
    }
    return order[batch * batchSize..<min((batch + 1) * batchSize, count)]
  }
}
