package import Tensors

/// Batches in an order, of any shapes: what a training reads.
///
/// Everything is a pure function of the source and the pass, so that a resumed training sees the same batches.
package protocol BatchSource: Sendable {
  /// Batches in every pass over the data.
  var batchesPerPass: Int { get }
  /// The batches of a pass, counted from 0, in their order; `batchesPerPass` of them.
  func batches(inPass pass: Int) -> [Batch]
  /// Element type and shape of each column of a batch.
  func columns(of batch: Batch) throws -> [BatchColumn]
  /// Writes one column of a batch, row-major, to memory of exactly its size.
  func copy(
    _ batch: Batch,
    column: Int,
    to destination: UnsafeMutableRawBufferPointer
  ) throws
}

/// One batch of a source, without its data.
package struct Batch: Sendable, Equatable {
  /// The pass that it belongs to, from 0.
  package let pass: Int
  /// The examples in it, or the windows: what the source means by it.
  package let rows: ArraySlice<Int>
  /// What sequences are padded to, where there are any.
  package let lengths: [Int]
  /// How many examples or tokens the batch's mean loss is the mean of; epochs are weighted by it.
  package let weight: Int

  package init(pass: Int, rows: ArraySlice<Int>, lengths: [Int] = [], weight: Int) {
    self.pass = pass
    self.rows = rows
    self.lengths = lengths
    self.weight = weight
  }
}

/// Element type and shape of one column of a batch.
package struct BatchColumn: Sendable, Hashable {
  package let dtype: DType
  package let shape: Shape

  package init(_ dtype: DType, _ shape: Shape) {
    self.dtype = dtype
    self.shape = shape
  }

  /// Bytes of the column.
  package var byteCount: Int { shape.elementCount * dtype.byteCount }
}
