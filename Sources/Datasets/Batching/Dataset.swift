package import Tensors

/// Examples with their labels: row `i` of `features` belongs to row `i` of `labels`.
package struct Dataset: Sendable {
  /// One row for each example, [N, ...].
  package let features: Tensor
  /// What the model should answer, [N, ...] with the same N.
  package let labels: Tensor

  /// - Precondition: both tensors have rank 1 or more and the same first size.
  package init(features: Tensor, labels: Tensor) {
    precondition(
      features.shape.rank >= 1 && labels.shape.rank >= 1 && features.shape[0] == labels.shape[0],
      "features \(features.shape) and labels \(labels.shape) differ in their number of rows"
    )
    self.features = features
    self.labels = labels
  }

  /// Rows.
  package var count: Int { features.shape[0] }

  /// The rows at the given positions, in that order.
  ///
  /// - Precondition: every position is below `count`.
  package func selecting(_ rows: some Collection<Int>) -> Dataset {
    Dataset(features: features.gatheringRows(rows), labels: labels.gatheringRows(rows))
  }
}

extension Tensor {
  /// The rows (along the first axis) at the given positions.
  ///
  /// - Precondition: every position is below the first size.
  package func gatheringRows(_ rows: some Collection<Int>) -> Tensor {
    let rowByteCount = shape.dimensions.dropFirst().reduce(dtype.byteCount, *)
    let target = Shape([rows.count] + shape.dimensions.dropFirst())
    return Tensor(dtype: dtype, target) { copyRows(rows, rowByteCount, to: $0) }
  }

  /// Copies rows one after the other to `target`.
  func copyRows(
    _ rows: some Collection<Int>,
    _ rowByteCount: Int,
    to target: UnsafeMutableRawBufferPointer
  ) {
    precondition(rows.count * rowByteCount <= target.count, "rows do not fit the buffer")
    guard rowByteCount > 0 else { return }
    withBytes { source in
      var offset = 0
      for row in rows {
        let start = row * rowByteCount
        precondition(row >= 0 && start + rowByteCount <= source.count, "no row \(row)")
        target[offset..<offset + rowByteCount].copyBytes(
          from: source[start..<start + rowByteCount]
        )
        offset += rowByteCount
      }
    }
  }
}
