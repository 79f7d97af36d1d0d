package import Datasets
package import Tensors

/// Batches of sequences of different lengths, padded and bucketed.
///
/// An example has any number of sequences of ids, as a source and a target sentence, and of rows of one shape. Columns are made of them in
/// the order that the graph's inputs have. Without sequences these are plain batches of any number of columns.
package struct SequenceBatches: BatchSource {
  /// Sequences of all examples, with how they are padded.
  package struct Field: Sendable {
    package let sequences: [[Int32]]
    package let padding: PaddedLength

    package init(_ sequences: [[Int32]], padding: PaddedLength) {
      self.sequences = sequences
      self.padding = padding
    }
  }

  /// What a column shows.
  package enum Column: Sendable {
    /// int64 [N, T]: a field's ids, `Vocabulary.padding` behind their ends.
    case tokens(field: Int)
    /// int32 [N]: a field's lengths.
    case lengths(field: Int)
    /// float32 [N, T]: 1 for each id of a field, 0 for padding; the weights of a loss by token.
    case weights(field: Int)
    /// One row for each example, as a picture or a class.
    case rows(Tensor)
  }

  private let fields: [Field]
  private let columns: [Column]
  private let buckets: LengthBuckets
  private let weightField: Int?
  private let seed: UInt64?

  /// - Parameters:
  ///   - fields: the sequences; each field has one for each example.
  ///   - columns: what the graph's inputs get.
  ///   - weightField: the mean loss of a batch is over this field's tokens; over the examples when `nil`.
  ///   - batchSize: rows of a batch; fewer in the last batch of a bucket.
  ///   - seed: shuffles every pass; `nil` goes by length and position, as for evaluation.
  /// - Throws: `TrainingError.data` for fields or rows of different counts, a sequence longer than its fixed length (naming it), an
  ///   empty sequence in `weightField`, or a column of a field that is not there.
  package init(
    fields: [Field],
    columns: [Column],
    weightField: Int? = nil,
    batchSize: Int,
    seed: UInt64?
  ) throws(TrainingError) {
    let count = fields.first?.sequences.count ?? Self.rowCount(columns)
    guard batchSize > 0 else { throw .option("batch size is \(batchSize); it must be at least 1") }
    guard fields.allSatisfy({ $0.sequences.count == count }) else {
      throw .data("fields have \(fields.map(\.sequences.count)) sequences; each needs as many")
    }
    for (position, column) in columns.enumerated() {
      switch column {
      case .tokens(let field), .lengths(let field), .weights(let field):
        guard fields.indices.contains(field) else {
          throw .data("column \(position) shows field \(field) of \(fields.count)")
        }
      case .rows(let tensor):
        guard tensor.shape.rank >= 1, tensor.shape[0] == count else {
          throw .data("column \(position) has shape \(tensor.shape) for \(count) examples")
        }
      }
    }
    if let weightField {
      guard fields.indices.contains(weightField) else {
        throw .data("weights of field \(weightField) of \(fields.count)")
      }
      if let empty = fields[weightField].sequences.firstIndex(where: \.isEmpty) {
        throw .data(
          "example \(empty) has no tokens in field \(weightField), which the loss is over"
        )
      }
    }
    var padded = [[Int]](repeating: [], count: count)
    for (number, field) in fields.enumerated() {
      for (row, sequence) in field.sequences.enumerated() {
        guard let length = field.padding.padded(sequence.count) else {
          throw .data(
            "example \(row) has \(sequence.count) tokens in field \(number), which is padded to "
              + "\(field.padding)"
          )
        }
        padded[row].append(length)
      }
    }
    self.fields = fields
    self.columns = columns
    self.weightField = weightField
    self.seed = seed
    buckets = LengthBuckets(paddedLengths: padded, batchSize: batchSize)
  }

  /// Rows of the first column that has them.
  private static func rowCount(_ columns: [Column]) -> Int {
    for case .rows(let tensor) in columns { return tensor.shape.dimensions.first ?? 0 }
    return 0
  }

  package var batchesPerPass: Int { buckets.batchCount }

  package func batches(inPass pass: Int) -> [Batch] {
    let batches =
      seed.map { buckets.batches(pass: pass, seed: $0) } ?? buckets.batchesInOrder()
    return batches.map { batch in
      let weight =
        weightField.map { field in
          batch.rows.reduce(0) { $0 + fields[field].sequences[$1].count }
        } ?? batch.rows.count
      return Batch(pass: pass, rows: batch.rows, lengths: batch.lengths, weight: weight)
    }
  }

  package func columns(of batch: Batch) throws -> [BatchColumn] {
    let count = batch.rows.count
    return try columns.map { column in
      switch column {
      case .tokens(let field): BatchColumn(.int64, [count, batch.lengths[field]])
      case .lengths: BatchColumn(.int32, [count])
      case .weights(let field): BatchColumn(.float32, [count, batch.lengths[field]])
      case .rows(let tensor):
        BatchColumn(
          tensor.dtype,
          try Shape(validating: [count] + tensor.shape.dimensions.dropFirst())
        )
      }
    }
  }

  package func copy(
    _ batch: Batch,
    column: Int,
    to destination: UnsafeMutableRawBufferPointer
  ) throws {
    switch columns[column] {
    case .tokens(let field):
      fill(destination, batch, field, padding: Int64(Vocabulary.padding)) { Int64($0) }
    case .weights(let field):
      fill(destination, batch, field, padding: Float(0)) { _ in 1 }
    case .lengths(let field):
      let target = destination.bindMemory(to: Int32.self)
      for (position, row) in batch.rows.enumerated() {
        target[position] = Int32(clamping: fields[field].sequences[row].count)
      }
    case .rows(let tensor):
      tensor.gatheringRows(batch.rows).withBytes { destination.copyMemory(from: $0) }
    }
  }

  private func fill<Element>(
    _ destination: UnsafeMutableRawBufferPointer,
    _ batch: Batch,
    _ field: Int,
    padding: Element,
    _ element: (Int32) -> Element
  ) {
    let target = destination.bindMemory(to: Element.self)
    let length = batch.lengths[field]
    for (position, row) in batch.rows.enumerated() {
      let sequence = fields[field].sequences[row]
      let start = position * length
      for (offset, id) in sequence.enumerated() { target[start + offset] = element(id) }
      for offset in sequence.count..<length { target[start + offset] = padding }
    }
  }
}
