import Tensors

/// Hands out shuffled mini-batches, each example once an epoch.
///
/// The order of epoch `e` depends on seed and `e` alone, so a resumed training sees the same batches. The last batch of an epoch is
/// smaller where the batch size does not divide the number of examples.
package struct Batcher: Sendable {
  package let dataset: Dataset
  /// Rows of a full batch, at most those of the data set.
  package let batchSize: Int
  package let seed: UInt64
  /// `false` keeps the order of the data set, as for evaluation.
  package let isShuffled: Bool
  /// The epoch of the next batch, from 0.
  package private(set) var epoch = 0
  /// Batches of the epoch that were handed out.
  package private(set) var position = 0
  private var order: [Int] = []
  private let featureRowByteCount: Int
  private let labelRowByteCount: Int

  /// - Precondition: `batchSize > 0`.
  package init(_ dataset: Dataset, batchSize: Int, seed: UInt64, isShuffled: Bool = true) {
    precondition(batchSize > 0, "batch size \(batchSize)")
    self.dataset = dataset
    // A batch larger than the data set is the data set; it also keeps the sums below from overflowing.
    self.batchSize = min(batchSize, max(dataset.count, 1))
    self.seed = seed
    self.isShuffled = isShuffled
    featureRowByteCount = Self.rowByteCount(dataset.features)
    labelRowByteCount = Self.rowByteCount(dataset.labels)
    startEpoch(0)
  }

  private static func rowByteCount(_ tensor: Tensor) -> Int {
    tensor.shape.dimensions.dropFirst().reduce(tensor.dtype.byteCount, *)
  }

  /// Batches of one epoch.
  package var batchCount: Int { (dataset.count + batchSize - 1) / batchSize }

  /// Goes to the first batch of an epoch, as when a training resumes there.
  package mutating func startEpoch(_ epoch: Int) {
    self.epoch = epoch
    position = 0
    if isShuffled {
      var random = Philox(seed: seed, stream: UInt64(truncatingIfNeeded: epoch))
      order = random.permutation(dataset.count)
    } else if order.isEmpty {
      order = Array(0..<dataset.count)
    }
  }

  /// Rows of the next batch, 0 at the end of the epoch.
  package var nextCount: Int { max(0, min(batchSize, dataset.count - position * batchSize)) }

  /// Copies the next batch into buffers that the caller reuses; allocates nothing.
  ///
  /// Returns the number of rows, or 0 at the end of the epoch, which starts the next one.
  ///
  /// - Precondition: the buffers hold `batchSize` rows.
  package mutating func next(
    features: UnsafeMutableRawBufferPointer,
    labels: UnsafeMutableRawBufferPointer
  ) -> Int {
    let count = nextCount
    guard count > 0 else {
      startEpoch(epoch + 1)
      return 0
    }
    let start = position * batchSize
    let rows = order[start..<start + count]
    dataset.features.copyRows(rows, featureRowByteCount, to: features)
    dataset.labels.copyRows(rows, labelRowByteCount, to: labels)
    position += 1
    return count
  }

  /// The next batch as new tensors, or `nil` at the end of the epoch, which starts the next one.
  package mutating func next() -> Dataset? {
    let count = nextCount
    guard count > 0 else {
      startEpoch(epoch + 1)
      return nil
    }
    let start = position * batchSize
    position += 1
    return dataset.selecting(order[start..<start + count])
  }
}
