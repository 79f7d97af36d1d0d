import Tensors

/// How far a sequence is padded.
package enum PaddedLength: Sendable, Hashable {
  /// To the next multiple of `step`: few distinct shapes, and so few plans.
  case multiple(of: Int)
  /// To one length for all.
  case fixed(Int)

  /// The length of a row that holds `length` elements; at least 1 and one step.
  ///
  /// `nil` where the sequence is longer than the fixed length.
  package func padded(_ length: Int) -> Int? {
    switch self {
    case .multiple(let step):
      let step = max(step, 1)
      let (sum, overflows) = length.addingReportingOverflow(step - 1)
      return overflows ? nil : max(sum / step, 1) * step
    case .fixed(let fixed): return length <= fixed ? fixed : nil
    }
  }
}

/// Makes batches of rows that are padded alike.
///
/// Rows with the same padded lengths form a bucket; a batch takes its rows from one bucket, and a bucket's last batch holds what is
/// left. The batches of a pass depend on seed and pass alone, and every pass has as many.
package struct LengthBuckets: Sendable {
  /// Rows of one batch.
  package struct Batch: Sendable, Equatable {
    package let rows: ArraySlice<Int>
    /// What the rows are padded to, one length for each sequence of a row.
    package let lengths: [Int]
  }

  /// Padded lengths of each bucket, the shortest first.
  package let lengths: [[Int]]
  package let batchSize: Int
  private let bucketOfRow: [Int]
  private let counts: [Int]

  /// The Philox stream of pass 0; pass `p` uses the stream `p` further.
  private static let stream: UInt64 = 0x6275_636B_0000_0000

  /// Groups rows by their padded lengths.
  ///
  /// - Precondition: `batchSize > 0`.
  package init(paddedLengths rows: [[Int]], batchSize: Int) {
    precondition(batchSize > 0, "batch size \(batchSize)")
    lengths = Set(rows).sorted { $0.lexicographicallyPrecedes($1) }
    let position = Dictionary(uniqueKeysWithValues: lengths.enumerated().map { ($1, $0) })
    bucketOfRow = rows.map { position[$0] ?? 0 }
    var counts = [Int](repeating: 0, count: lengths.count)
    for bucket in bucketOfRow { counts[bucket] += 1 }
    self.counts = counts
    self.batchSize = batchSize
  }

  /// Batches of one pass.
  package var batchCount: Int {
    counts.reduce(0) { $0 + ($1 + batchSize - 1) / batchSize }
  }

  /// Shuffled: rows within their buckets, and the batches.
  package func batches(pass: Int, seed: UInt64) -> [Batch] {
    var random = Philox(
      seed: seed,
      stream: Self.stream &+ UInt64(truncatingIfNeeded: pass)
    )
    let batches = cut(random.permutation(bucketOfRow.count))
    return random.permutation(batches.count).map { batches[$0] }
  }

  /// By length, rows in their own order: for evaluation.
  package func batchesInOrder() -> [Batch] { cut(Array(bucketOfRow.indices)) }

  private func cut(_ order: [Int]) -> [Batch] {
    var buckets = counts.map { count in
      var rows: [Int] = []
      rows.reserveCapacity(count)
      return rows
    }
    for row in order { buckets[bucketOfRow[row]].append(row) }
    return zip(buckets, lengths).flatMap { rows, lengths in
      stride(from: 0, to: rows.count, by: batchSize).map {
        Batch(rows: rows[$0..<min($0 + batchSize, rows.count)], lengths: lengths)
      }
    }
  }
}
