import Tensors

/// Batches of examples that all have one shape.
///
/// Shuffled passes show each example once; the last batch of a pass holds what is left. The order depends on seed and pass alone.
package struct ExampleBatches: BatchSource {
  private let examples: any ExampleSource
  private let batchSize: Int
  /// `nil` keeps the order of the examples, as for evaluation.
  private let seed: UInt64?

  /// - Precondition: `batchSize > 0`.
  package init(_ examples: any ExampleSource, batchSize: Int, seed: UInt64?) {
    precondition(batchSize > 0, "batch size \(batchSize)")
    self.examples = examples
    self.batchSize = batchSize
    self.seed = seed
  }

  package var batchesPerPass: Int {
    examples.count / batchSize + (examples.count % batchSize == 0 ? 0 : 1)
  }

  package func batches(inPass pass: Int) -> [Batch] {
    var order = Array(0..<examples.count)
    if let seed {
      var random = Philox(seed: seed, stream: 0x0BDE_0000_0000 &+ UInt64(pass))
      order = random.permutation(examples.count)
    }
    return stride(from: 0, to: order.count, by: batchSize).map { start in
      let count = min(batchSize, order.count - start)
      return Batch(pass: pass, rows: order[start..<start + count], weight: count)
    }
  }

  package func columns(of batch: Batch) throws -> [BatchColumn] {
    try examples.columns.map { BatchColumn($0.dtype, try $0.batchShape(batch.rows.count)) }
  }

  package func copy(
    _ batch: Batch,
    column: Int,
    to destination: UnsafeMutableRawBufferPointer
  ) throws {
    try examples.copy(batch.rows, column: column, pass: batch.pass, to: destination)
  }
}
